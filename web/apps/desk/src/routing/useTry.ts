/** Asks the server, a moment after the last key, whom something would ask now; the last answer stays until the next is there. */
import { ApiError, post } from "@parlons/client/http.ts";
import { useEffect, useState } from "react";
import { cause } from "../data/actions.ts";

const PAUSE_MS = 300;
const AGAIN_MS = 10_000;

export interface Asked {
  worker_id: string;
  ready: boolean;
}

export interface TriedWorkflow {
  /** The first rule that matches; -1 the default queue, null nothing. */
  filter: number | null;
  passed: { filter: number; false: string[] }[];
  steps: { queue_id: string; seconds: number | null; priority: number | null; skipped: boolean; workers: Asked[] }[];
}

/** `body` null: nothing is asked. Asked again now and then, as the floor changes. */
export function useTry<T>(path: string, body: unknown): { answer: T | null; problem: string | null } {
  const [found, setFound] = useState<{ answer: T | null; problem: string | null }>({ answer: null, problem: null });
  const asked = body === null ? null : JSON.stringify(body);
  useEffect(() => {
    if (asked === null) return;
    let late = false;
    const ask = () => {
      post<T>(path, JSON.parse(asked)).then(
        (answer) => !late && setFound({ answer, problem: null }),
        (error: unknown) => {
          const unreachable = error instanceof ApiError && error.status === 0;
          if (!late && !unreachable) setFound((before) => ({ answer: before.answer, problem: cause(error) }));
        },
      );
    };
    const first = setTimeout(ask, PAUSE_MS);
    const again = setInterval(ask, AGAIN_MS);
    return () => {
      late = true;
      clearTimeout(first);
      clearInterval(again);
    };
  }, [path, asked]);
  return found;
}
