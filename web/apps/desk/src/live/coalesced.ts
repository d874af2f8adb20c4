/** The live picture at the pace of the screen: many events in one frame are one drawing, and a hand on the page goes first. */
import type { Snapshot } from "@parlons/client/types.ts";
import { useLive } from "@parlons/sync/store.ts";
import { useEffect, useState } from "react";

const HIDDEN_MS = 500;
/** After a press or a key the page answers it before it draws what others did; nothing waits longer than `LONGEST_MS`. */
const HAND_MS = 120;
const LONGEST_MS = 300;
const HAND = ["pointerdown", "pointerup", "keydown"] as const;

/** The snapshot, renewed at most once a frame; a hidden page, which draws no frames, twice a second. */
export function useFrames(): Snapshot {
  const [snapshot, set] = useState(() => useLive.getState().snapshot);
  useEffect(() => {
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [since, hand] = [0, Number.NEGATIVE_INFINITY];
    const leave = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      frame = 0;
      timer = undefined;
    };
    const draw = () => {
      leave();
      since = 0;
      set(useLive.getState().snapshot);
    };
    const plan = () => {
      const now = performance.now();
      since ||= now;
      const wait = Math.min(hand + HAND_MS, since + LONGEST_MS) - now;
      if (document.visibilityState === "hidden") timer = setTimeout(draw, HIDDEN_MS);
      else if (wait > 0) timer = setTimeout(draw, wait);
      else frame = requestAnimationFrame(draw);
    };
    const pressed = () => {
      hand = performance.now();
      if (!frame && !timer) return;
      leave();
      plan();
    };
    const stop = useLive.subscribe((live, before) => {
      if (live.snapshot !== before.snapshot && !frame && !timer) plan();
    });
    for (const each of HAND) window.addEventListener(each, pressed, { capture: true, passive: true });
    draw();
    return () => {
      stop();
      for (const each of HAND) window.removeEventListener(each, pressed, { capture: true });
      leave();
    };
  }, []);
  return snapshot;
}
