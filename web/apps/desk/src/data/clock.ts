/** One tick a second for every clock on the screen; the hand of the server, not of the agent's machine. */
import { useSyncExternalStore } from "react";

let offset = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Learns the server's clock from the time of a live event; small differences are the line's delay. */
export function learn(at: string | null): void {
  if (!at) return;
  const difference = Date.parse(at) - Date.now();
  offset = Math.abs(difference) > 2000 ? difference : 0;
}

export const serverNow = (): number => Date.now() + offset;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = serverNow();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time in ms, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    if (!timer || Math.abs(serverNow() - now) > 1500) now = serverNow();
    return now;
  });
}

export const secondsSince = (at: string | null | undefined, now_: number): number =>
  at ? Math.max(0, (now_ - Date.parse(at)) / 1000) : 0;
