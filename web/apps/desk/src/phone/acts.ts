/** What one does with a call: each is a request; what becomes of it comes back by the live picture. */
import { newKey, post } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { Call, CallTarget, SuperviseMode } from "@parlons/client/voice.ts";
import { attempt } from "../data/actions.ts";
import { isHere } from "./calls.ts";
import { loadPhone, usePhone } from "./state.ts";

const verb = (call: Call, name: string, body: object = {}) => attempt(post(`/calls/${call.id}/${name}`, body));

export const hangUp = (call: Call) => verb(call, "hang_up");
export const hold = (call: Call) => verb(call, "hold", { held: call.state !== "held" });
export const digits = (call: Call, keys: string) => verb(call, "digits", { digits: keys });
export const transfer = (call: Call, to: CallTarget) => verb(call, "transfer", { to, mode: "blind" });
export const consult = (call: Call, to: CallTarget) => verb(call, "consult", { to });
export const handOver = (call: Call) => verb(call, "complete_transfer");
export const backToCustomer = (call: Call) => verb(call, "cancel_consult");
export const add = (call: Call, to: CallTarget) => verb(call, "add", { to });
export const takeOut = (call: Call, leg_id: Id) => verb(call, "remove", { leg_id });
export const park = (call: Call) => verb(call, "park");
export const pauseRecording = (call: Call, paused: boolean) => verb(call, "recording", { paused });

/** All three talk together. */
export const merge = (call: Call) => verb(call, "merge");
export const pickUp = (call: Call) => verb(call, "pick_up");

/** Calls a number; the conversation, when there is one, keeps the call. */
export const dial = (to: CallTarget, conversation_id: Id | null = null, caller_number: string | null = null) =>
  attempt(
    post<Call>(
      "/calls",
      { to, ...(conversation_id ? { conversation_id } : {}), ...(caller_number ? { caller_number } : {}) },
      { key: newKey() },
    ),
  );

const READY_MS = 8000;

/** The phone of this tab, switched on when it was not: a supervisor has none until he listens. */
export async function withPhone(): Promise<boolean> {
  const phone = await loadPhone();
  phone.start();
  if (usePhone.getState().state === "ready") return true;
  return new Promise((done) => {
    const finish = (ready: boolean) => {
      stop();
      clearTimeout(late);
      done(ready);
    };
    const stop = usePhone.subscribe(({ state }) => {
      if (state === "ready") finish(true);
      if (state === "down" || state === "insecure") finish(false);
    });
    const late = setTimeout(() => finish(false), READY_MS);
  });
}

export async function supervise(call: Call, mode: SuperviseMode): Promise<unknown> {
  if (mode !== "stop" && !(await withPhone())) return undefined;
  return verb(call, "supervise", { mode });
}

/** Mutes this browser's microphone, or, where the call is on another phone, what the others hear of it. */
export function toggleMute(call?: Call, workerId?: Id | null): void {
  const { muted, legId } = usePhone.getState();
  if (!call || isHere(call, legId)) return void loadPhone().then((phone) => phone.mute(!muted));
  const own = call.parties.find((party) => party.kind === "agent" && party.worker_id === workerId);
  if (own) void verb(call, "mute", { held: !own.muted });
}
