/**
 * How a screen's snapshot takes in one event. The Python twin is src/parlons/app/fold.py; both run the same fixtures.
 * Whole objects stand under singular keys and replace the one with their id; `removed` maps a singular key to an id.
 * What is told of the person at the screen and of his firms goes into `me`.
 */

export const PLURAL = {
  activity: "activities",
  queue: "queues",
  worker: "workers",
  task: "tasks",
  reservation: "reservations",
  conversation: "conversations",
  call: "calls",
  memo: "memos",
  move: "moves",
  alert: "alerts",
  discussion: "discussions",
  reading: "readings",
} as const;

const ENDED: Record<string, readonly string[]> = {
  tasks: ["completed", "canceled"],
  reservations: ["completed", "canceled", "rejected", "timeout", "rescinded"],
  conversations: ["closed"],
  calls: ["ended"],
  moves: ["ended"],
};

export interface FoldEvent {
  data: Record<string, unknown>;
}

interface Thing {
  id: string;
  status?: string;
  /** A call's. */
  state?: string;
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
    else if (ENDED[plural]?.includes(thing!.status ?? thing!.state ?? "")) delete things[thing!.id];
    else things[thing!.id] = thing;
    after[plural] = things;
  }
  if (after.me) after.me = foldMe(after.me as Person, event.data as Told, removed.firm);
  return after as S;
}

interface Person {
  user?: Thing | null;
  firms: Thing[];
}

interface Told {
  me?: object;
  user?: Thing;
  firm?: Thing;
}

function foldMe(before: Person, told: Told, gone?: string): Person {
  const me: Person = { ...before, ...told.me };
  if (told.user && told.user.id === me.user?.id) {
    const known = Object.keys(me.user);
    const news = Object.entries(told.user).filter(([key]) => known.includes(key));
    me.user = { ...me.user, ...Object.fromEntries(news) };
  }
  if (told.firm || gone) {
    const firms = new Map(me.firms.filter((firm) => firm.id !== gone).map((firm) => [firm.id, firm]));
    if (told.firm) firms.set(told.firm.id, { ...firms.get(told.firm.id), ...told.firm });
    me.firms = [...firms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  return me;
}
