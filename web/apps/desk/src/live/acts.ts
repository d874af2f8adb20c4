/** What a supervisor does on the floor. Done at once, with ten seconds to undo where there is something to go back to. */
import type { Given, Memo, Move, Sent } from "@parlons/client/floor.ts";
import { newKey, post, put, remove } from "@parlons/client/http.ts";
import type { Task, Worker } from "@parlons/client/types.ts";
import { putEvent, useLive } from "@parlons/sync/store.ts";
import i18next from "i18next";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { announce, toast, useUi } from "../data/ui.ts";
import { activityName } from "../shell/words.ts";

const t = i18next.t.bind(i18next);
const clear = () => useUi.setState({ toast: null });

/** Sets somebody's state; he is told who, when and why. */
export async function forceState(worker: Worker, activityId: string, reason = ""): Promise<void> {
  const before = worker.activity_id;
  const set = (activity_id: string, why: string) => put(`/workers/${worker.id}/activity`, { activity_id, reason: why });
  if ((await attempt(set(activityId, reason))) === undefined) return;
  const { activities } = useLive.getState().snapshot;
  const undo = () => {
    clear();
    void attempt(set(before, ""));
  };
  toast(t("floor.stateSet", { name: worker.name, state: activityName(activities[activityId], t) }), { undo }, 10);
}

/** Skills or capacity until a time; undoing takes them back at once. */
export async function moveFor(worker: Pick<Worker, "id" | "name">, given: Partial<Given>, until: Date, reason = ""): Promise<boolean> {
  const body = { ...given, until_at: until.toISOString(), reason };
  const made = await attempt(post<Move>(`/workers/${worker.id}/moves`, body, { key: newKey() }));
  if (!made) return false;
  const undo = () => {
    clear();
    void endMove(made.id);
  };
  toast(t("floor.moved", { name: worker.name }), { undo }, 10);
  return true;
}

export const endMove = (id: string) => attempt(remove<Move>(`/moves/${id}`));

export interface Destination {
  kind: "worker" | "queue";
  id: string;
  name: string;
}

/** Moves work: offered to a person, or put in another line. Undoing calls it back to where it was. */
export async function moveTask(task: Task, name: string, to: Destination): Promise<void> {
  const moved = await attempt(
    to.kind === "worker"
      ? post(`/tasks/${task.id}/assign`, { worker_id: to.id }, { key: newKey() })
      : post(`/tasks/${task.id}/transfer`, { to: { queue_id: to.id } }, { key: newKey() }),
  );
  if (moved === undefined) return;
  const undo = () => {
    clear();
    void attempt(remove(`/tasks/${task.id}/transfer`));
  };
  const text = t(to.kind === "worker" ? "live.assigned" : "floor.inQueue", { name, to: to.name });
  toast(text, { undo }, 10);
  announce(text);
}

export interface Message {
  text: string;
  queue_id?: string;
  skill?: string;
}

/** Says something to everybody at work, or to a part of them. */
export async function sendMessage(message: Message): Promise<Sent | undefined> {
  const sent = await attempt(post<Sent>("/floor/messages", message, { key: newKey() }));
  if (sent) toast(t("floor.sent", { count: sent.told }));
  return sent;
}

/** I have seen it: gone from all my screens. */
export function seen(memo: Memo): void {
  putEvent({ event: "local", seq: null, at: null, data: { removed: { memo: memo.id } } });
  void attempt(post(`/me/memos/${memo.id}/seen`));
}

export const whisper = (conversationId: string, text: string) =>
  attempt(post(`/conversations/${conversationId}/whisper`, { text }, { key: newKey() }));

export const join = (conversationId: string) => attempt(post(`/conversations/${conversationId}/join`));
export const leave = (conversationId: string) => attempt(remove(`/conversations/${conversationId}/join`));

/** The chat is mine from now on; its agent is told. */
export async function takeOver(conversationId: string): Promise<void> {
  const key = newKey();
  try {
    await post(`/conversations/${conversationId}/takeover`, {}, { key });
  } catch (error) {
    await attempt(Promise.reject(error));
    return;
  }
  go({ page: "desk", conversation: conversationId });
}
