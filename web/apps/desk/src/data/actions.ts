/** What a person does: shown at once, sent to the server, taken back with a sentence when it refuses. */
import { ApiError, newKey, post, put, remove } from "@parlons/client/http.ts";
import type { Note } from "@parlons/client/types.ts";
import { putEvent, useLive } from "@parlons/sync/store.ts";
import i18next from "i18next";
import { quiet } from "./offers.ts";
import { go, here } from "./route.ts";
import { mine } from "./select.ts";
import { useSession } from "./session.ts";
import { forgetNote } from "../context/keptNote.ts";
import { announce, toast, undoable, useUi, without } from "./ui.ts";

const t = i18next.t.bind(i18next);

/** The sentence for a refusal: ours by its code, else what we say of all that is gone, else the server's. */
export function cause(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  const key = `refusal.${error.problem.code}`;
  if (i18next.exists(key)) return i18next.t(key as "refusal.unreachable");
  return error.problem.status === 404 ? t("refusal.not-found") : error.message;
}

/** Runs a call and says so when it was refused. */
export async function attempt<T>(what: Promise<T>): Promise<T | undefined> {
  try {
    return await what;
  } catch (error) {
    const reference = error instanceof ApiError ? error.reference : null;
    toast(cause(error), { tone: "bad", reference }, 10);
    announce(cause(error), true);
    return undefined;
  }
}

export const myWorkerId = (): string | null => useSession.getState().me?.worker_id ?? null;

const ASSIGNED_MS = 3000;

/** Resolves when the conversation is mine: before that its composer takes notes only, and letters would go astray. */
function becomesMine(id: string): Promise<void> {
  const isMine = () => useLive.getState().snapshot.conversations[id]?.assigned?.worker_id === myWorkerId();
  if (isMine()) return Promise.resolve();
  return new Promise((done) => {
    const stop = useLive.subscribe(() => isMine() && finish());
    const late = setTimeout(() => finish(), ASSIGNED_MS);
    const finish = () => {
      stop();
      clearTimeout(late);
      done();
    };
  });
}

/** How often an offer was taken here: who takes another meanwhile, or opens something, is not brought to the first one. */
let presses = 0;

/** Takes an offer; a chat opens only when no text stands in the composer, a call always (drafts are kept). */
export async function take(reservationId: string): Promise<void> {
  const reservation = useLive.getState().snapshot.reservations[reservationId];
  if (!reservation) return;
  const task = useLive.getState().snapshot.tasks[reservation.task_id];
  putEvent({
    event: "local",
    seq: null,
    at: null,
    data: { reservation: { ...reservation, status: "accepted" } },
  });
  quiet();
  const [mine, from] = [++presses, location.pathname];
  const taken = await attempt(post(`/reservations/${reservationId}/accept`));
  if (taken === undefined) return;
  if (task?.conversation_id) await becomesMine(task.conversation_id);
  if (task?.channel === "voice") useUi.setState({ tab: "wrapup" });
  const composer = document.querySelector<HTMLTextAreaElement>("[data-composer]");
  const writes = Boolean(composer?.value || composer?.textContent?.trim());
  const elsewhere = mine !== presses || location.pathname !== from || here().page !== "desk";
  if (task?.conversation_id && (task.channel === "voice" || !(writes || elsewhere)))
    go({ page: "desk", conversation: task.conversation_id });
}

export async function refuse(reservationId: string): Promise<void> {
  const reservation = useLive.getState().snapshot.reservations[reservationId];
  if (!reservation) return;
  putEvent({
    event: "local",
    seq: null,
    at: null,
    data: { removed: { reservation: reservationId } },
  });
  quiet();
  await attempt(post(`/reservations/${reservationId}/reject`, { quiet_seconds: 60 }));
}

export const setActivity = (workerId: string, activityId: string) =>
  attempt(put(`/workers/${workerId}/activity`, { activity_id: activityId }));

/** `mentions`: users named in it; each is told. */
export const addNote = (id: string, text: string, mentions: string[] = []) =>
  post<Note>(`/conversations/${id}/notes`, { text, mentions }, { key: newKey() });

/** Puts the focus on a row of the list, or on the list: what had it is gone. */
const focusRow = (id: string | undefined): number =>
  requestAnimationFrame(() => {
    const row = id && document.querySelector<HTMLElement>(`[data-row="${id}"]`);
    (row || document.querySelector<HTMLElement>("[data-list]"))?.focus();
  });

/** Leaves a conversation for the next of mine, and puts the focus on its row. */
function leave(id: string): void {
  const list = mine(useLive.getState().snapshot, myWorkerId());
  const at = list.findIndex((each) => each.id === id);
  const next = list.filter((each) => each.status === "open")[at + 1] ?? list.find((each) => each.id !== id);
  useUi.setState((ui) => ({
    leaving: { ...ui.leaving, [id]: true },
    contextOpen: false,
    tab: "customer",
  }));
  const route = here();
  if (route.page !== "desk" || route.conversation !== id) return;
  go({
    page: "desk",
    conversation: next && !useUi.getState().leaving[next.id] ? next.id : null,
  });
  focusRow(next?.id);
}

function deferred(id: string, text: string, act: () => Promise<unknown>): void {
  leave(id);
  const back = () => useUi.setState((ui) => ({ leaving: without(ui.leaving, id) }));
  undoable(
    text,
    () => void attempt(act()).finally(back),
    () => {
      back();
      go({ page: "desk", conversation: id });
    },
  );
}

export function close(id: string, name: string, outcome?: { disposition_id?: string; note?: string }): void {
  deferred(id, t("undo.closed", { name }), () =>
    post(`/conversations/${id}/close`, outcome ?? {}, { keepalive: true }).then(() => forgetNote(id)),
  );
}

export interface Target {
  worker_id?: string;
  queue_id?: string;
}

/** Offers the task to others; it stays mine until one of them takes it. Undoing calls it back. */
export async function transfer(
  id: string,
  taskId: string,
  name: string,
  to: Target,
  toName: string,
  note: string,
): Promise<void> {
  const kept = note.trim() ? await attempt(addNote(id, note.trim())) : null;
  if (kept === undefined) return;
  const done = await attempt(post(`/tasks/${taskId}/transfer`, kept ? { to, note_id: kept.id } : { to }));
  if (done === undefined) return;
  useUi.setState((ui) => ({
    transferring: { ...ui.transferring, [id]: toName },
  }));
  toast(t("undo.transferred", { name, to: toName }), { undo: () => void callBack(id, taskId) }, 10);
}

/** Calls a transfer back while nobody has taken it. */
export async function callBack(id: string, taskId: string): Promise<void> {
  useUi.setState({ toast: null });
  const done = await attempt(remove(`/tasks/${taskId}/transfer`));
  if (done !== undefined) useUi.setState((ui) => ({ transferring: without(ui.transferring, id) }));
}

/** Snoozes at once; undoing resumes. */
export async function park(id: string, name: string, until: string | null): Promise<void> {
  const done = await attempt(post(`/conversations/${id}/park`, until ? { until_at: until } : {}));
  if (done === undefined) return;
  focusRow(id);
  toast(t("undo.parked", { name }), { undo: () => void resume(id) }, 10);
}

export const resume = (id: string) => {
  useUi.setState({ toast: null });
  return attempt(post(`/conversations/${id}/resume`));
};

/** Asks for an agent once more, for a conversation that nobody works on. */
export async function serve(id: string, name: string): Promise<void> {
  const done = await attempt(post(`/conversations/${id}/serve`));
  if (done !== undefined) toast(t("live.askedAgain", { name }));
}

export const endContact = (id: string) => attempt(post(`/conversations/${id}/wrapup`));

export const assign = (taskId: string, workerId: string) =>
  attempt(post(`/tasks/${taskId}/assign`, { worker_id: workerId }));

let typedAt = 0;
/** Tells the customer that somebody writes, at most every three seconds. */
export function typing(id: string): void {
  if (Date.now() - typedAt < 3000) return;
  typedAt = Date.now();
  void post(`/conversations/${id}/typing`).catch(() => undefined);
}

export function markRead(id: string, messageId: string): void {
  void post(`/conversations/${id}/read`, { message_id: messageId }).catch(() => undefined);
}
