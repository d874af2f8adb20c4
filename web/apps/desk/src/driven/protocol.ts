/** What a page around the desk may wish of its phone, and what it is told: one protocol, both ways. Pure. */
import type { Activity, Id, Snapshot } from "@parlons/client/types.ts";
import type { Call, CallTarget } from "@parlons/client/voice.ts";
import { farNumber, isHere, myCall } from "../phone/calls.ts";
import type { Phone } from "../phone/state.ts";
import type { Offer } from "../data/select.ts";

/** Of each message, both ways: the number of this protocol. */
export const VERSION = 1;

const PLAIN = ["answer", "decline", "hold", "resume", "mute", "unmute", "complete_transfer", "cancel_consult", "hang_up", "complete", "status"] as const;
const TO = ["dial", "transfer", "consult"] as const;
const KEYS = ["worker_id", "queue_id", "number"] as const;

export type Command =
  | { type: (typeof PLAIN)[number] }
  | { type: (typeof TO)[number]; to: CallTarget }
  | { type: "digits"; digits: string }
  | { type: "set_state"; state: string };

/** One message of the page; `command` null: nothing the desk understands. */
export interface Asked {
  id: string | number;
  command: Command | null;
}

const isOne = <T extends string>(all: readonly T[], said: unknown): said is T => all.includes(said as T);
const short = (said: unknown): said is string => typeof said === "string" && said.length > 0 && said.length <= 100;

function targetOf(said: unknown): CallTarget | null {
  if (short(said)) return { number: said };
  if (typeof said !== "object" || said === null) return null;
  const [[key, value] = [], ...more] = Object.entries(said);
  return more.length === 0 && isOne(KEYS, key) && short(value) ? { [key]: value } : null;
}

function commandOf(said: Record<string, unknown>): Command | null {
  const { type } = said;
  if (isOne(PLAIN, type)) return { type };
  if (isOne(TO, type)) {
    const to = targetOf(said.to);
    return to && { type, to };
  }
  if (type === "digits") return typeof said.digits === "string" && /^[0-9*#A-Da-d]{1,64}$/.test(said.digits) ? { type, digits: said.digits } : null;
  if (type === "set_state") return short(said.state) ? { type, state: said.state } : null;
  return null;
}

/** What a page says; null: no message of this protocol, so there is no answer either. */
export function askedOf(data: unknown): Asked | null {
  if (typeof data !== "object" || data === null) return null;
  const said = data as Record<string, unknown>;
  const { id } = said;
  if (said.parlons !== VERSION || (typeof id !== "number" && !short(id))) return null;
  return { id, command: commandOf(said) };
}

export interface State {
  id: Id;
  name: string;
  available: boolean;
}

/** What the page knows of the phone; each change of it is an event. */
export interface View {
  state: State | null;
  phone: Phone["state"];
  offer: { reservation_id: Id; conversation_id: Id | null; number: string; name: string; queue: string; variables: Record<string, unknown> } | null;
  call: {
    call_id: Id;
    conversation_id: Id | null;
    direction: Call["direction"];
    state: "ringing" | "talking" | "held" | "consulting" | "wrapping";
    number: string;
    name: string;
    queue: string;
    muted: boolean;
  } | null;
}

export const stateOf = ({ id, name, available }: Activity): State => ({ id, name, available });

/** The call that I write up, when I am in none. */
const writtenUp = (snapshot: Snapshot, workerId: Id | null): Call | undefined =>
  Object.values(snapshot.calls ?? {}).find((each) => each.worker_id === workerId && each.state === "wrapping");

/** The call the page's wishes are about. */
export const callOf = (snapshot: Snapshot, workerId: Id | null): Call | undefined =>
  workerId ? (myCall(snapshot, workerId) ?? writtenUp(snapshot, workerId)) : undefined;

/** `offer`: of a call, whose conversation is known by now. */
export function viewOf(snapshot: Snapshot, workerId: Id | null, phone: Pick<Phone, "state" | "legId" | "muted">, offer: Offer | undefined): View {
  const worker = workerId ? snapshot.workers[workerId] : undefined;
  const activity = worker && snapshot.activities[worker.activity_id];
  const call = callOf(snapshot, workerId);
  const own = call?.parties.find((party) => party.kind === "agent" && party.worker_id === workerId);
  return {
    state: activity ? stateOf(activity) : null,
    phone: phone.state,
    offer: offer
      ? {
          reservation_id: offer.reservation.id,
          conversation_id: offer.task?.conversation_id ?? null,
          number: offer.conversation?.customer.address ?? "",
          name: offer.conversation?.customer.name ?? "",
          queue: offer.queue?.name ?? "",
          variables: offer.task?.attributes ?? {},
        }
      : null,
    call: call
      ? {
          call_id: call.id,
          conversation_id: call.conversation_id,
          direction: call.direction,
          state: call.state as NonNullable<View["call"]>["state"],
          number: farNumber(call),
          name: call.customer_name,
          queue: (call.queue_id && snapshot.queues[call.queue_id]?.name) || "",
          muted: (isHere(call, phone.legId) && phone.muted) || (own?.muted ?? false),
        }
      : null,
  };
}

export interface Told {
  event: string;
  [word: string]: unknown;
}

type Spoken = NonNullable<View["call"]>;
const ALIVE = { ringing: "ringing", talking: "answered", held: "held", consulting: "consulting", wrapping: "wrap_up" } as const;

function callEvents(before: Spoken | null, after: Spoken | null, over: boolean): Told[] {
  if (!after || (before && before.call_id !== after.call_id)) {
    const gone: Told[] = !before ? [] : before.state === "wrapping" ? [{ event: "completed", call: before }] : [{ event: over ? "ended" : "transferred", call: before }];
    return after ? [...gone, ...callEvents(null, after, false)] : gone;
  }
  const call = after;
  const told: Told[] = [];
  if (before?.state !== after.state) {
    if (after.state === "wrapping" && before) told.push({ event: "ended", call });
    const again = after.state === "talking" && before !== null && before.state !== "ringing";
    told.push({ event: again ? "resumed" : ALIVE[after.state], call });
  }
  if ((before?.muted ?? false) !== after.muted && after.state !== "wrapping") told.push({ event: after.muted ? "muted" : "unmuted", call });
  return told;
}

/** What has happened between two moments. `over`: the call that is gone has ended; else it is another's now. */
export function eventsBetween(before: View, after: View, over: boolean): Told[] {
  const told: Told[] = [];
  if (JSON.stringify(before.state) !== JSON.stringify(after.state)) told.push({ event: "state", state: after.state });
  if (before.phone !== after.phone) told.push({ event: "phone", phone: after.phone });
  const [was, is] = [before.offer, after.offer];
  if (was && was.reservation_id !== is?.reservation_id) told.push({ event: "offer_over", offer: was });
  if (is && was?.reservation_id !== is.reservation_id) told.push({ event: "offer", offer: is });
  return [...told, ...callEvents(before.call, after.call, over)];
}
