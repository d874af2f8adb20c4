/** When what is being written is kept: a pause after the last key, and when the page or its place is left. */
import { useEffect, useRef } from "react";

export interface Storing {
  /** At once; `leaving`: the page goes away and waits for no answer. */
  now: (leaving?: boolean) => void;
  /** After the pause. */
  later: () => void;
  /** Not any more. */
  stop: () => void;
}

/** Keeps what is written, if it is not kept yet, or in any case (`again`); what is to come of it, where it sends. */
export type Store = (leaving: boolean, again: boolean) => Promise<unknown> | undefined;

export function useStoring(store: Store, pauseMs: number): Storing {
  const latest = useRef(store);
  latest.current = store;
  const flying = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const storing = useRef<Storing>(undefined);
  const send = (leaving: boolean, again = false) => {
    const sent = latest.current(leaving, again);
    if (!sent) return;
    flying.current += 1;
    void sent.finally(() => {
      flying.current -= 1;
    });
  };
  storing.current ??= {
    stop: () => clearTimeout(timer.current),
    now: (leaving = false) => {
      clearTimeout(timer.current);
      send(leaving);
    },
    later: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => send(false), pauseMs);
    },
  };
  const { stop } = storing.current;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads what is there when it happens
  useEffect(() => {
    const leave = (again: boolean) => {
      stop();
      send(true, again);
    };
    // A page that goes away takes with it what it has on its way, unless that was sent to outlive it.
    const hides = () => leave(flying.current > 0);
    addEventListener("pagehide", hides);
    return () => {
      removeEventListener("pagehide", hides);
      leave(false);
    };
  }, [stop]);
  return storing.current;
}
