/**
 * A new contact knocks: a sound, a notification when the tab is hidden, a dot in the title, one assertive sentence, and
 * another five seconds before the end. Focus never moves and nothing opens.
 */
import type { Reservation } from "@parlons/client/types.ts";
import { useLive } from "@parlons/sync/store.ts";
import i18next from "i18next";
import { myCall } from "../phone/calls.ts";
import { shown } from "../phone/number.ts";
import { pushed } from "../push/push.ts";
import { serverNow } from "./clock.ts";
import { loadWhile, useDetails } from "./details.ts";
import { isQuiet, soundFor } from "./quiet.ts";
import { offers } from "./select.ts";
import { keptPreferences, useSession } from "./session.ts";
import { knock } from "./sound.ts";
import { announce, useUi, without } from "./ui.ts";

const told = new Set<string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** The conversation behind an offer is not mine yet, so the live picture lacks it: it is fetched to say who knocks. */
async function peek(id: string): Promise<void> {
  const { snapshot } = useLive.getState();
  const conversation = snapshot.tasks[snapshot.reservations[id]?.task_id ?? ""]?.conversation_id;
  if (conversation && !snapshot.conversations[conversation]) await loadWhile(conversation, () => !!find(id));
}

const preference = <K extends "sound" | "sounds" | "quiet">(name: K) =>
  useSession.getState().me?.user[name] ?? keptPreferences()[name];

const talking = (): boolean =>
  myCall(useLive.getState().snapshot, useSession.getState().me?.worker_id ?? null) !== undefined;

/** Whether this contact may be heard: sound is on, and no rule of the person asks for quiet now. */
const audible = (call: boolean): boolean =>
  preference("sound") !== false && !isQuiet(preference("quiet"), { now: new Date(), onCall: talking(), call });

function find(id: string) {
  const { snapshot } = useLive.getState();
  const workerId = snapshot.reservations[id]?.worker_id ?? null;
  const offer = offers(snapshot, workerId).find((each) => each.reservation.id === id);
  if (!offer) return undefined;
  return {
    ...offer,
    conversation: offer.conversation ?? useDetails.getState()[offer.task?.conversation_id ?? ""]?.full ?? undefined,
  };
}

/** Who is offered, in words. */
export function nameOf(offer: ReturnType<typeof find>): string {
  return (
    offer?.conversation?.customer.name ||
    shown(offer?.conversation?.customer.address ?? "") ||
    offer?.conversation?.subject ||
    offer?.task?.title ||
    i18next.t("offer.visitor")
  );
}

const isCall = (reservation: Reservation | undefined): boolean =>
  useLive.getState().snapshot.tasks[reservation?.task_id ?? ""]?.channel === "voice";

const loadRing = () => import("../phone/ring.ts");

/** A call rings until it is taken, refused or over; anything else knocks once, softly while one is on the phone. */
function sound(reservation: Reservation | undefined): void {
  const channel = useLive.getState().snapshot.tasks[reservation?.task_id ?? ""]?.channel;
  const chosen = soundFor(preference("sounds"), channel);
  if (chosen === "off") return;
  if (!isCall(reservation) || talking()) return knock(talking(), chosen);
  void loadRing().then(({ startRing }) => ringing() && startRing());
}

/** Whether a call is offered to me now. */
const ringing = (): boolean =>
  Object.values(useLive.getState().snapshot.reservations).some(
    (each) => each.status === "pending" && each.worker_id === useSession.getState().me?.worker_id && isCall(each),
  );

/** Called after each change of my reservations: nothing rings that is not offered. */
export function quiet(): void {
  if (!ringing()) void loadRing().then(({ stopRing }) => ringing() || stopRing());
}

function title(): void {
  const waiting = Object.values(useLive.getState().snapshot.reservations).some(
    (each) => each.status === "pending" && each.worker_id === useSession.getState().me?.worker_id,
  );
  const plain = document.title.replace(/^● /, "");
  document.title = waiting ? `● ${plain}` : plain;
}

function notify(text: string, call: boolean): void {
  if (!document.hidden || pushed() || !("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const note = new Notification("Parlons", { body: text, tag: "offer", requireInteraction: call });
    note.onclick = () => window.focus();
  } catch {
    // on a phone pages may not: there a notification comes by push only
  }
}

/** Called when a reservation for me appears. */
export async function offered(id: string): Promise<void> {
  title();
  if (told.has(id)) return;
  told.add(id);
  const reservation = useLive.getState().snapshot.reservations[id];
  const heard = audible(isCall(reservation));
  if (heard) sound(reservation);
  await peek(id);
  const offer = find(id);
  if (!offer) return;
  const left = offer.reservation.expires_at ? (Date.parse(offer.reservation.expires_at) - serverNow()) / 1000 : null;
  const call = isCall(offer.reservation);
  const words = call
    ? (["call.offerAnnounceOpen", "call.offerAnnounce"] as const)
    : (["offer.announceOpen", "offer.announce"] as const);
  const text = i18next.t(words[left === null ? 0 : 1], {
    name: nameOf(offer),
    queue: offer.queue?.name ?? "",
    seconds: Math.max(0, Math.round(left ?? 0)),
  });
  announce(text, true);
  if (heard) notify(text, call);
  if (left !== null && left > 8) {
    const again = () => find(id) && announce(i18next.t("offer.fiveSeconds", { name: nameOf(offer) }), true);
    timers.set(id, setTimeout(again, (left - 5) * 1000));
  }
}

const MISSED_MS = 8000;

/** Called when a reservation of mine ended or was taken. */
export function settled(reservation: Reservation): void {
  clearTimeout(timers.get(reservation.id));
  timers.delete(reservation.id);
  title();
  if (told.has(reservation.id)) quiet();
  if (reservation.status !== "timeout") return;
  const { snapshot } = useLive.getState();
  const task = snapshot.tasks[reservation.task_id];
  const known = task?.conversation_id ?? "";
  const conversation = snapshot.conversations[known] ?? useDetails.getState()[known]?.full;
  const name =
    conversation?.customer.name ||
    shown(conversation?.customer.address ?? "") ||
    task?.title ||
    i18next.t("offer.visitor");
  useUi.setState((ui) => ({
    missed: {
      ...ui.missed,
      [reservation.id]: { name, until: Date.now() + MISSED_MS },
    },
  }));
  setTimeout(() => useUi.setState((ui) => ({ missed: without(ui.missed, reservation.id) })), MISSED_MS);
  announce(i18next.t("offer.missed"), true);
}
