/** The server's counts of the day by queue: asked for every few seconds, renewed by the socket in between. */
import { get } from "@parlons/client/http.ts";
import type { LiveQueue } from "@parlons/client/types.ts";
import { useEffect } from "react";
import { create } from "zustand";

const EVERY_MS = 5000;

export const useLiveQueues = create<Record<string, LiveQueue>>(() => ({}));

export function useStatistics(): Record<string, LiveQueue> {
  useEffect(() => {
    const leave = new AbortController();
    const ask = () =>
      get<{ queues: LiveQueue[] }>("/statistics/live", leave.signal)
        .then(({ queues }) => useLiveQueues.setState(Object.fromEntries(queues.map((each) => [each.queue_id, each]))))
        .catch(() => undefined);
    void ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, []);
  return useLiveQueues();
}
