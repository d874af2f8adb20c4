/** The desk's line to the server: feeds the live picture, the opened conversations, offers and typing. */

import { get, post } from "@parlons/client/http.ts";
import type { Reservation, Snapshot } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import { Line, type WireEvent } from "@parlons/sync/socket.ts";
import { forget, putEvent, putSnapshot, putStatus, useLive } from "@parlons/sync/store.ts";
import i18next from "i18next";
import { heardCall } from "../driven/heard.ts";
import { heardBeside } from "../phone/beside/state.ts";
import { farNumber } from "../phone/calls.ts";
import { shown } from "../phone/number.ts";
import { myWorkerId } from "./actions.ts";
import { reopen } from "../team/said.ts";
import { heardTeam } from "../team/telling.ts";
import { learn } from "./clock.ts";
import { refreshAll, takeIn } from "./details.ts";
import { type Notice, tellMentions } from "./mentioned.ts";
import { offered, quiet, settled } from "./offers.ts";
import { load, useSession } from "./session.ts";
import { announce, toast, useUi, without } from "./ui.ts";

const TYPING_MS = 6000;

/** A customer writes, or a colleague answers the same customer: shown until nothing more is heard of it. */
function typing(data: Record<string, unknown>): void {
  const id = String(data.conversation_id);
  const who = data.who as { kind?: string; id?: string; name?: string } | undefined;
  const until = Date.now() + TYPING_MS;
  if (who?.kind === "customer") useUi.setState((ui) => ({ typing: { ...ui.typing, [id]: until } }));
  else if (who?.kind === "agent" && who.id !== useSession.getState().me?.user.id)
    useUi.setState((ui) => ({ answering: { ...ui.answering, [id]: { name: who.name ?? "", until } } }));
  setTimeout(() => {
    const { typing, answering } = useUi.getState();
    if ((typing[id] ?? Infinity) <= Date.now()) useUi.setState({ typing: without(typing, id) });
    if ((answering[id]?.until ?? Infinity) <= Date.now()) useUi.setState({ answering: without(answering, id) });
  }, TYPING_MS + 50);
}

const FAILED = ["task.transfer-failed", "task.transfer-canceled"];

/** Whoever offered a task to others hears how it ended: taken, or back with him. */
function transferEnded({ event, data }: WireEvent): void {
  if (!event.startsWith("task.transfer-")) return;
  const id = (data.task as { conversation_id?: string | null } | undefined)?.conversation_id;
  const to = id ? useUi.getState().transferring[id] : undefined;
  if (!id || !to || event === "task.transfer-initiated" || event === "task.transfer-attempt-failed") return;
  useUi.setState((ui) => ({ transferring: without(ui.transferring, id) }));
  const text = FAILED.includes(event) ? "undo.transferFailed" : "undo.transferTaken";
  if (event !== "task.transfer-canceled") toast(i18next.t(text, { to }));
}

/** What becomes of calls, said once: mine ended, or the number I dialled does not answer. */
function tellCall({ event, data }: WireEvent): void {
  const { calls } = useLive.getState().snapshot;
  const call = data.call as Call | undefined;
  const before = call && calls?.[call.id]?.state;
  if (call?.worker_id === myWorkerId() && call.state === "wrapping" && before !== "wrapping")
    announce(i18next.t("call.ended"));
  if (event !== "call.dial-failed") return;
  const code = `cause.${String(data.cause)}`;
  const why = i18next.exists(code) ? i18next.t(code as "cause.busy") : i18next.t("cause.error");
  const dialled = calls?.[String(data.call_id)];
  const number = shown((dialled && farNumber(dialled)) || i18next.t("call.unknown"));
  const text = i18next.t("call.dialFailed", { number, cause: why });
  toast(text, { tone: "bad" }, 10);
  announce(text, true);
}

function onEvent(event: WireEvent): void {
  if (event.seq !== null) learn(event.at);
  if (event.event === "typing") {
    typing(event.data);
    return;
  }
  if (event.event === "call.beside") {
    heardBeside(event.data);
    return;
  }
  const message = event.data.message as { conversation_id?: string; direction?: string } | undefined;
  if (message?.conversation_id) {
    const id = message.conversation_id;
    if (message.direction === "in") useUi.setState((ui) => ({ typing: without(ui.typing, id) }));
    else if (event.event === "message.added") useUi.setState((ui) => ({ answering: without(ui.answering, id) }));
  }
  if (event.event === "notice.added") void tellNotices();
  transferEnded(event);
  tellCall(event);
  heardCall(event);
  const reservation = event.data.reservation as Reservation | undefined;
  putEvent(event);
  takeIn(event);
  heardTeam(event);
  if (reservation && reservation.worker_id === myWorkerId()) {
    if (reservation.status === "pending") void offered(reservation.id);
    else settled(reservation);
  }
}

/** What happened to my work while I was away: said once, then seen. */
async function tellNotices(): Promise<void> {
  const page = await get<{ items: Notice[] }>("/notices").catch(() => ({ items: [] }));
  if (page.items.some((each) => each.kind === "conversation-returned")) {
    toast(i18next.t("live.returned"), {}, 12);
    announce(i18next.t("live.returned"));
  }
  for (const each of page.items.filter((one) => one.kind === "webhook-switched-off")) {
    const text = i18next.t("live.webhookOff", { name: each.data.name ?? "" });
    toast(text, {}, 12);
    announce(text);
  }
  const mentions = page.items.filter((each) => each.kind === "mentioned");
  if (mentions.length > 0) await tellMentions(mentions);
  for (const each of page.items) void post(`/notices/${each.id}/seen`).catch(() => undefined);
}

let line: Line<Snapshot> | null = null;

/** Whether this screen is before the person: who looks is not pushed. */
const tellScreen = (): void => line?.say({ type: "screen", foreground: document.visibilityState === "visible" });

/** Opens the line; call once signed in. */
export function connect(): () => void {
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/socket`;
  const own = new Line<Snapshot>(url, {
    onSnapshot(snapshot) {
      putSnapshot(snapshot);
      refreshAll();
      reopen();
      void tellNotices();
      for (const each of Object.values(snapshot.reservations ?? {}))
        if (each.status === "pending" && each.worker_id === myWorkerId()) void offered(each.id);
      quiet();
    },
    onEvent,
    onStatus(status) {
      putStatus(status);
      if (status === "live") tellScreen();
    },
    onTrouble: () => void load(true),
  });
  line = own;
  own.start();
  addEventListener("visibilitychange", tellScreen);
  return () => {
    removeEventListener("visibilitychange", tellScreen);
    own.stop();
    if (line === own) line = null;
    forget();
  };
}
