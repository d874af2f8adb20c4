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

export function useStoring(store: (leaving: boolean) => void, pauseMs: number): Storing {
  const latest = useRef(store);
  latest.current = store;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const storing = useRef<Storing>(undefined);
  storing.current ??= {
    stop: () => clearTimeout(timer.current),
    now: (leaving = false) => {
      clearTimeout(timer.current);
      latest.current(leaving);
    },
    later: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => latest.current(false), pauseMs);
    },
  };
  const { now } = storing.current;
  useEffect(() => {
    const leave = () => now(true);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [now]);
  return storing.current;
}
