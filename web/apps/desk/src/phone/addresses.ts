/** Steps on the ordered list of contact addresses. Pure. */
import type { ContactAddress } from "@parlons/client/voice.ts";

/** Moves one by a step; beyond the ends nothing changes. */
export function moved(list: ContactAddress[], at: number, by: 1 | -1): ContactAddress[] {
  const to = at + by;
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
}

export const without = (list: ContactAddress[], at: number): ContactAddress[] =>
  list.filter((_, index) => index !== at);

export const changed = (list: ContactAddress[], at: number, change: Partial<ContactAddress>): ContactAddress[] =>
  list.map((each, index) => (index === at ? { ...each, ...change } : each));

/** Seconds as the server takes them: whole, from 5 to 120. */
export const seconds = (typed: string): number => Math.min(120, Math.max(5, Math.round(Number(typed)) || 20));

/** Kinds that can stand in the list once only, and are not in it yet. */
export const missing = (list: ContactAddress[], hasPhone: boolean): ("browser" | "phone")[] =>
  (["browser", "phone"] as const).filter(
    (kind) => (kind === "browser" || hasPhone) && !list.some((each) => each.kind === kind),
  );
