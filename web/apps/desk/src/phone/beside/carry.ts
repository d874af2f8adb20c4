/**
 * The desk's side beside a call: the picture, and text as it is typed. One call at a time, the one in my hands; with it all
 * of this ends. Frames go out one after another, so that they arrive in their order.
 */
import { newKey, post } from "@parlons/client/http.ts";
import { get } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import { serversOf } from "@parlons/sync/picture.ts";
import { Side } from "@parlons/sync/side.ts";
import type { Server, Signal } from "@parlons/sync/signal.ts";
import { useLive } from "@parlons/sync/store.ts";
import { Typing } from "@parlons/sync/typing.ts";
import i18next from "i18next";
import { attempt, myWorkerId } from "../../data/actions.ts";
import { announce } from "../../data/ui.ts";
import { myCall } from "../calls.ts";
import { NOTHING, useBeside } from "./state.ts";

export type Frame = { call_id: Id } & (
  | { type: "page"; there: boolean }
  | { type: "text"; text: string }
  | ({ type: "video" } & Signal)
);

const set = useBeside.setState;
const mine = (): Call | undefined => myCall(useLive.getState().snapshot, myWorkerId());
const nameOf = (call: Call | undefined): string => call?.customer_name || i18next.t("beside.customer");

let side: Side | null = null;
let typing: Typing | null = null;
let servers: RTCIceServer[] = [];
let incoming: Promise<unknown> = Promise.resolve();
let outgoing: Promise<unknown> = Promise.resolve();

useLive.subscribe(() => {
  const { callId } = useBeside.getState();
  if (callId && mine()?.id !== callId) forget();
});

function forget(): void {
  side?.drop(null);
  side = null;
  typing = null;
  set(NOTHING);
}

/** Everything for this call, once. */
export function begin(callId: Id): Side {
  if (side && useBeside.getState().callId === callId) return side;
  forget();
  set({ callId });
  const own = new Side("desk", () => servers, (signal) => say(callId, signal), (video) => side === own && set({ video }));
  side = own;
  typing = new Typing((text) => void post(`/calls/${callId}/text`, { text }).catch(() => undefined));
  incoming = get<{ page: boolean; ice_servers: Server[] }>(`/calls/${callId}/beside`)
    .then(({ page, ice_servers }) => {
      servers = serversOf(ice_servers);
      if (useBeside.getState().callId === callId) set({ page });
    })
    .catch(() => undefined);
  return own;
}

function say(callId: Id, signal: Signal): void {
  const send = () => post(`/calls/${callId}/video`, signal);
  outgoing = outgoing.then(() => (signal.kind === "ask" ? attempt(send()) : send().catch(() => undefined)));
}

export function heard(frame: Frame): void {
  const call = mine();
  if (call?.id !== frame.call_id) return;
  const own = begin(call.id);
  switch (frame.type) {
    case "page":
      set({ page: frame.there, ...(frame.there ? {} : { farText: "" }) });
      return;
    case "text":
      set({ farText: frame.text });
      return;
    case "video":
      incoming = incoming.then(() => own.heard(frame));
      if (frame.kind === "ask") announce(i18next.t("beside.askedBy", { name: nameOf(call) }), true);
  }
}

export const typed = (text: string): void => typing?.typed(text);

/** A finished line: a message of the conversation, which the page beside the call shows. */
export async function send(call: Call, text: string): Promise<boolean> {
  if (!call.conversation_id) return false;
  typing?.sent();
  const clientId = newKey();
  const body = { text, client_id: clientId, attachment_ids: [], anyway: true };
  const sent = await attempt(post(`/conversations/${call.conversation_id}/messages`, body, { key: clientId }));
  return sent !== undefined;
}

export type LinkKind = "video" | "chat";

export interface Link {
  path: string;
  expires_at: string;
}

/** A link for the customer that leads into this conversation, good once. */
export const makeLink = (call: Call, kind: LinkKind) =>
  attempt(post<Link>(`/conversations/${call.conversation_id}/links`, { kind, call_id: kind === "video" ? call.id : null }));

/** The link as a message of the chat the customer has open. */
export const sendLink = (call: Call, url: string) => send(call, i18next.t("beside.linkMessage", { url }));
