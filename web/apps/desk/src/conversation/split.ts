/** Choosing messages that become a conversation of their own, and what follows: done at once, with ten seconds to undo. */
import { newKey, post } from "@parlons/client/http.ts";
import type { ConversationFull, ConversationSummary, Id, Message, Split } from "@parlons/client/types.ts";
import i18next from "i18next";
import { create } from "zustand";
import { attempt } from "../data/actions.ts";
import { loadDetail } from "../data/details.ts";
import { go, here } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast, useUi } from "../data/ui.ts";

const t = i18next.t.bind(i18next);

interface Choosing {
  /** The conversation in which messages are being chosen; null: nowhere. */
  of: Id | null;
  chosen: ReadonlySet<Id>;
}

export const useChoosing = create<Choosing>(() => ({ of: null, chosen: new Set() }));

/** Whether this message can go: somebody said it. */
export const canGo = (message: Message): boolean => message.author.kind !== "system" && message.notice === null;

/** Whether I may split it: it is mine, or I steer the work of others; and there is something to leave behind. */
export function useMaySplit(full: ConversationFull): boolean {
  const me = useSession((session) => session.me);
  const mine = full.assigned !== null && full.assigned.worker_id === me?.worker_id;
  const steers = me?.rights?.includes("steer") === true;
  return (steers || (mine && full.status !== "closed")) && full.messages.filter(canGo).length > 1;
}

/** Begins with this message, or with the customer's last one. */
export function begin(full: ConversationFull, messageId?: Id): void {
  const known = full.messages.filter(canGo);
  const first = messageId ?? known.findLast((each) => each.author.kind === "customer")?.id ?? known.at(-1)?.id;
  useChoosing.setState({ of: full.id, chosen: new Set(first ? [first] : []) });
  announce(t("comfort.split.begun"));
}

export function toggle(messageId: Id): void {
  useChoosing.setState(({ chosen }) => {
    const after = new Set(chosen);
    if (!after.delete(messageId)) after.add(messageId);
    return { chosen: after };
  });
}

export const cancel = (): void => useChoosing.setState({ of: null, chosen: new Set() });

export async function carryOut(full: ConversationFull, subject: string): Promise<void> {
  const chosen = full.messages.filter((each) => useChoosing.getState().chosen.has(each.id)).map((each) => each.id);
  const body = { message_ids: chosen, subject, version: full.version };
  const made = await attempt(
    post<{ id: Id; conversation: ConversationSummary }>(`/conversations/${full.id}/split`, body, { key: newKey() }),
  );
  if (!made) return void loadDetail(full.id);
  cancel();
  void loadDetail(full.id);
  const text = t("comfort.split.done", { count: chosen.length });
  announce(text);
  toast(text, { undo: () => void putBack({ id: made.id, from_id: full.id, into_id: made.conversation.id }) }, 10);
}

/** One matter after all. Whoever looks at the new conversation is taken to the first. */
export async function putBack({ id, from_id, into_id }: Pick<Split, "id" | "from_id" | "into_id">): Promise<void> {
  useUi.setState({ toast: null });
  const done = await attempt(post<ConversationSummary>(`/conversations/${from_id}/splits/${id}/undo`));
  if (!done) return;
  announce(t("comfort.split.back"));
  void loadDetail(from_id);
  const route = here();
  if (route.page === "desk" && route.conversation === into_id) go({ page: "desk", conversation: from_id });
}
