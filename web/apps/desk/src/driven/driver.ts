/** The page around the desk drives its phone: wishes come by messages, each is answered; what happens is told. Only the page that
    shows this very frame is heard, and only when an administrator named its origin. Nothing here moves the focus. */
import { ApiError, newKey, post, put } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import { useLive } from "@parlons/sync/store.ts";
import { myWorkerId } from "../data/actions.ts";
import { useDetails } from "../data/details.ts";
import { go } from "../data/route.ts";
import { choices, type Offer, offers } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { withPhone } from "../phone/acts.ts";
import { isHere } from "../phone/calls.ts";
import { loadPhone, usePhone } from "../phone/state.ts";
import { hearCalls } from "./heard.ts";
import { askedOf, callOf, type Command, eventsBetween, stateOf, type Told, VERSION, viewOf } from "./protocol.ts";

/** A refusal of the desk itself. */
class Refused extends Error {}

const snapshot = () => useLive.getState().snapshot;

/** The call that is offered; as soon as it is known who calls. */
function offered(): Offer | undefined {
  const [offer] = offers(snapshot(), myWorkerId()).filter(({ task }) => task?.channel === "voice");
  const detail = useDetails.getState()[offer?.task?.conversation_id ?? ""];
  if (!offer || offer.conversation || !offer.task?.conversation_id) return offer;
  return detail?.full ? { ...offer, conversation: detail.full } : detail?.error ? offer : undefined;
}

const view = () => viewOf(snapshot(), myWorkerId(), usePhone.getState(), offered());

async function phoneOn(): Promise<void> {
  const { state } = usePhone.getState();
  if (state !== "ready" && state !== "elsewhere" && !(await withPhone())) throw new Refused("no-phone");
}

async function answer(): Promise<void> {
  const [offer] = offers(snapshot(), myWorkerId()).filter(({ task }) => task?.channel === "voice");
  if (!offer) throw new Refused("no-offer");
  await phoneOn();
  await post(`/reservations/${offer.reservation.id}/accept`); // waits for a leg of which the server does not know yet
  if (offer.task?.conversation_id) go({ page: "desk", conversation: offer.task.conversation_id });
}

async function mute(muted: boolean): Promise<void> {
  const call = callOf(snapshot(), myWorkerId());
  if (isHere(call, usePhone.getState().legId)) return (await loadPhone()).mute(muted);
  await verb("mute", { held: muted });
}

async function setState(said: string): Promise<void> {
  const { activities } = snapshot();
  const found = choices(activities).find(({ id, name }) => id === said || name.toLowerCase() === said.toLowerCase());
  if (!found) throw new Refused("unknown-state");
  await put(`/workers/${myWorkerId()}/activity`, { activity_id: found.id });
}

function verb(name: string, body: object = {}): Promise<unknown> {
  const call = callOf(snapshot(), myWorkerId());
  if (!call) throw new Refused("no-call");
  return post(`/calls/${call.id}/${name}`, body);
}

async function decline(): Promise<unknown> {
  const offer = offered();
  if (!offer) throw new Refused("no-offer");
  return post(`/reservations/${offer.reservation.id}/decline`);
}

async function carryOut(command: Command): Promise<unknown> {
  switch (command.type) {
    case "dial": {
      await phoneOn();
      const { id } = await post<{ id: Id }>("/calls", { to: command.to }, { key: newKey() });
      return { call_id: id };
    }
    case "answer":
      return answer();
    case "decline":
      return decline();
    case "hold":
    case "resume":
      return verb("hold", { held: command.type === "hold" });
    case "mute":
    case "unmute":
      return mute(command.type === "mute");
    case "transfer":
    case "consult":
      return verb(command.type, { to: command.to });
    case "digits":
      return verb("digits", { digits: command.digits });
    case "set_state":
      return setState(command.state);
    case "status":
      return undefined;
    default:
      return verb(command.type);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Refused ? error.message : error instanceof ApiError ? error.problem.code : "unreachable";

/** Listens to the page of this origin, and tells it. */
export function drive(origin: string): () => void {
  const say = (message: object) => window.parent.postMessage({ parlons: VERSION, ...message }, origin);
  const tell = (told: Told) => say({ type: "event", ...told });
  const over = new Set<Id>();
  let before = view();
  const look = () => {
    const after = view();
    for (const told of eventsBetween(before, after, over.has(before.call?.call_id ?? ""))) tell(told);
    before = after;
  };
  const heard = async (event: MessageEvent) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const asked = askedOf(event.data);
    if (!asked) return;
    const { id, command } = asked;
    if (!command) return say({ type: "reply", id, ok: false, code: "invalid" });
    try {
      const more = await carryOut(command);
      say({ type: "reply", id, ok: true, ...(command.type === "status" ? view() : command.type === "dial" ? (more as object) : {}) });
    } catch (error) {
      say({ type: "reply", id, ok: false, code: codeOf(error) });
    }
  };
  const ready = () => {
    before = view();
    const states = choices(snapshot().activities).map(stateOf);
    tell({ event: "ready", user_id: useSession.getState().me?.user.id, states, ...before });
  };
  let told = false;
  const changed = () => {
    if (useLive.getState().status !== "live") return;
    if (told) return look();
    told = true;
    ready();
  };
  const stops = [
    useLive.subscribe(changed),
    useDetails.subscribe(changed),
    usePhone.subscribe(changed),
    hearCalls((event) => {
      if (event.event === "call.ended") over.add((event.data.call as { id: Id }).id);
      if (event.event === "call.dial-failed") tell({ event: "dial_failed", call_id: event.data.call_id, code: event.data.cause });
    }),
  ];
  addEventListener("message", heard);
  changed();
  return () => {
    removeEventListener("message", heard);
    for (const stop of stops) stop();
  };
}
