/**
 * How a screen's snapshot takes in one event. The Python twin is src/parlons/app/fold.py; both run the same fixtures.
 * Whole objects stand under singular keys and replace the one with their id; `removed` maps a singular key to an id.
 */

export const PLURAL = {
  activity: "activities",
  queue: "queues",
  worker: "workers",
  task: "tasks",
  reservation: "reservations",
  conversation: "conversations",
} as const;

const ENDED: Record<string, readonly string[]> = {
  tasks: ["completed", "canceled"],
  reservations: ["completed", "canceled", "rejected", "timeout", "rescinded"],
  conversations: ["closed"],
};

export interface FoldEvent {
  data: Record<string, unknown>;
}

interface Thing {
  id: string;
  status?: string;
}

/** The snapshot after `event`; the argument is left as it was, and untouched maps keep their identity. */
export function fold<S extends object>(snapshot: S, event: FoldEvent): S {
  const after = { ...snapshot } as Record<string, unknown>;
  const removed = (event.data.removed ?? {}) as Record<string, string | undefined>;
  for (const [key, plural] of Object.entries(PLURAL)) {
    const thing = event.data[key] as Thing | undefined;
    const gone = removed[key];
    if (thing == null && gone == null) continue;
    const things = {
      ...(after[plural] as Record<string, unknown> | undefined),
    };
    if (gone != null) delete things[gone];
    else if (thing!.status && ENDED[plural]?.includes(thing!.status)) delete things[thing!.id];
    else things[thing!.id] = thing;
    after[plural] = things;
  }
  return after as S;
}
