/** The team's conversations. Supervisors have them live; an agent's are asked for now and then, and after each event. */
import { get } from "@parlons/client/http.ts";
import type { ConversationSummary, Snapshot } from "@parlons/client/types.ts";
import { useEffect, useMemo, useState } from "react";
import { dueFirst, notServed, waiting } from "../data/select.ts";
import { useMentioned } from "../data/mentioned.ts";
import { useSession } from "../data/session.ts";

export interface TeamViews {
  waiting: ConversationSummary[];
  others: ConversationSummary[];
  notServed: ConversationSummary[];
}

const EVERY_MS = 20_000;
type Page = { items: ConversationSummary[] };

function useAsked(view: string, enabled: boolean, stamp: unknown): ConversationSummary[] {
  const [items, setItems] = useState<ConversationSummary[]>([]);
  useEffect(() => {
    if (!enabled) return;
    const leave = new AbortController();
    const ask = () =>
      get<Page>(`/conversations?view=${view}`, leave.signal)
        .then((page) => setItems([...page.items].sort(dueFirst)))
        .catch(() => undefined);
    const soon = setTimeout(ask, 300);
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      leave.abort();
      clearTimeout(soon);
      clearInterval(timer);
    };
  }, [view, enabled, stamp]);
  return items;
}

/** Conversations in whose notes I am named, until they are closed. */
export function useNamed(snapshot: Snapshot): ConversationSummary[] {
  const stamp = useMentioned((state) => state.stamp);
  const asked = useAsked("named", true, stamp);
  return useMemo(
    () => asked.map((each) => snapshot.conversations[each.id] ?? each).filter((each) => each.status !== "closed"),
    [asked, snapshot.conversations],
  );
}

export function useTeamViews(snapshot: Snapshot, agent: boolean): TeamViews {
  const workerId = useSession((session) => session.me?.worker_id);
  const askedWaiting = useAsked("waiting", agent, snapshot.reservations);
  const askedNotServed = useAsked("not_served", agent, snapshot.conversations);
  return useMemo(() => {
    const userId = workerId ? snapshot.workers[workerId]?.user_id : null;
    const own = (each: ConversationSummary) =>
      each.assigned?.worker_id === workerId || (userId != null && each.joined?.includes(userId));
    if (agent)
      return {
        waiting: askedWaiting.filter((each) => !snapshot.conversations[each.id] && !each.not_served_reason),
        others: [],
        notServed: askedNotServed,
      };
    const others = Object.values(snapshot.conversations).filter((each) => each.assigned && !own(each));
    return {
      waiting: waiting(snapshot),
      others: others.sort(dueFirst),
      notServed: notServed(snapshot),
    };
  }, [snapshot, agent, askedWaiting, askedNotServed, workerId]);
}
