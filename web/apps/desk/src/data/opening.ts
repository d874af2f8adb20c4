/** How long somebody waits for an answer by the opening hours of his firm: outside them the reply clock stands. */
import { get } from "@parlons/client/http.ts";
import { useEffect } from "react";
import { create } from "zustand";
import { secondsSince, useNow } from "./clock.ts";

export interface Opening {
  always: boolean;
  from_at: string;
  spans: { opens_at: string; closes_at: string }[];
}

/** Opening hours change rarely, and the days to come move on. */
const FRESH_MS = 15 * 60_000;

export interface Waited {
  seconds: number;
  /** When the clock goes on; null while it goes. */
  standsUntil: string | null;
}

export function waited(opening: Opening | undefined, since: string, now: number): Waited {
  if (!opening || opening.always) return { seconds: secondsSince(since, now), standsUntil: null };
  const began = Date.parse(since);
  let ms = 0;
  let standsUntil: string | null = null;
  let open = false;
  for (const span of opening.spans) {
    const [opens, closes] = [Date.parse(span.opens_at), Date.parse(span.closes_at)];
    ms += Math.max(0, Math.min(closes, now) - Math.max(opens, began));
    if (opens <= now && now < closes) open = true;
    if (opens > now) standsUntil ??= span.opens_at;
  }
  return { seconds: ms / 1000, standsUntil: open ? null : standsUntil };
}

const useOpenings = create<Record<string, Opening>>(() => ({}));
const asked = new Map<string, number>();

async function learn(firmId: string): Promise<void> {
  if (Date.now() - (asked.get(firmId) ?? Number.NEGATIVE_INFINITY) < FRESH_MS) return;
  asked.set(firmId, Date.now());
  try {
    const opening = await get<Opening>(`/firms/${firmId}/opening`);
    useOpenings.setState({ [firmId]: opening });
  } catch {
    // Until it is known the clock counts every hour; the next row that shows asks again.
    asked.delete(firmId);
  }
}

/** How long somebody waits; nothing while nobody does. */
export function useWaited(firmId: string, since: string | null): Waited | null {
  const now = useNow();
  const opening = useOpenings((all) => all[firmId]);
  const old = Math.floor(now / FRESH_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again as time passes
  useEffect(() => {
    if (since) void learn(firmId);
  }, [firmId, since, old]);
  return since ? waited(opening, since, now) : null;
}
