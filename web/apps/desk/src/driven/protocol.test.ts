import type { Snapshot } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import { expect, it } from "vitest";
import { NO_PHONE } from "../phone/state.ts";
import { askedOf, eventsBetween, type View, viewOf } from "./protocol.ts";

const asked = (more: object) => askedOf({ parlons: 1, id: 7, ...more });

it("understands what a page may wish", () => {
  expect(asked({ type: "hold" })).toEqual({ id: 7, command: { type: "hold" } });
  expect(asked({ type: "dial", to: "+33123456789" })?.command).toEqual({ type: "dial", to: { number: "+33123456789" } });
  expect(asked({ type: "transfer", to: { queue_id: "WQ1" } })?.command).toEqual({ type: "transfer", to: { queue_id: "WQ1" } });
  expect(asked({ type: "digits", digits: "12#" })?.command).toEqual({ type: "digits", digits: "12#" });
  expect(asked({ type: "set_state", state: "Break", more: 1 })?.command).toEqual({ type: "set_state", state: "Break" });
});

it("answers nothing that is not of this protocol", () => {
  for (const data of [null, 3, "hold", [], {}, { type: "hold" }, { parlons: 2, id: 1, type: "hold" }, { parlons: 1, type: "hold" }, { parlons: 1, id: {}, type: "hold" }])
    expect(askedOf(data)).toBeNull();
});

it("says so where a wish makes no sense", () => {
  for (const said of [{}, { type: "sign_out" }, { type: "toString" }, { type: 3 }]) expect(asked(said)?.command).toBeNull();
  for (const to of [undefined, "", "x".repeat(101), {}, { user_id: "US1" }, { queue_id: 3 }, { queue_id: "WQ1", worker_id: "WK1" }, []])
    expect(asked({ type: "consult", to })?.command).toBeNull();
  for (const digits of [undefined, "", "12x", "1".repeat(65)]) expect(asked({ type: "digits", digits })?.command).toBeNull();
  for (const state of [undefined, "", 3]) expect(asked({ type: "set_state", state })?.command).toBeNull();
});

const ME = "WK1";
const call = (more: Partial<Call> = {}): Call =>
  ({
    ...{ id: "CA1", conversation_id: "CH1", direction: "in", state: "talking", worker_id: ME, queue_id: "WQ1", started_at: "2026", answered_at: "2026" },
    ...{ from_number: "+33612345678", customer_name: "Zoé", parties: [{ leg_id: "LG1", kind: "agent", worker_id: ME, state: "talking", muted: false }] },
    ...more,
  }) as Call;
const snapshot = (...calls: Call[]): Snapshot =>
  ({
    workers: { [ME]: { id: ME, activity_id: "AC1" } },
    activities: { AC1: { id: "AC1", name: "Ready", available: true } },
    queues: { WQ1: { id: "WQ1", name: "Sales" } },
    calls: Object.fromEntries(calls.map((each) => [each.id, each])),
  }) as unknown as Snapshot;
const seen = (...calls: Call[]): View => viewOf(snapshot(...calls), ME, NO_PHONE, undefined);
const told = (before: View, after: View, over = false) => eventsBetween(before, after, over).map(({ event }) => event);

it("shows state and call as the page needs them, and no more", () => {
  expect(seen(call())).toEqual({
    state: { id: "AC1", name: "Ready", available: true },
    phone: "off",
    offer: null,
    call: { call_id: "CA1", conversation_id: "CH1", direction: "in", state: "talking", number: "+33612345678", name: "Zoé", queue: "Sales", muted: false },
  });
  expect(seen(call({ worker_id: "WK2", parties: [] })).call).toBeNull();
});

it("tells each change of a call once", () => {
  const [none, talking] = [seen(), seen(call())];
  expect(told(none, none)).toEqual([]);
  expect(told(none, talking)).toEqual(["answered"]);
  expect(told(none, seen(call({ direction: "out", state: "ringing" })))).toEqual(["ringing"]);
  expect(told(seen(call({ direction: "out", state: "ringing" })), talking)).toEqual(["answered"]);
  expect(told(talking, seen(call({ state: "held" })))).toEqual(["held"]);
  expect(told(seen(call({ state: "held" })), talking)).toEqual(["resumed"]);
  expect(told(talking, seen(call({ state: "consulting" })))).toEqual(["consulting"]);
  expect(told(seen(call({ state: "consulting" })), talking)).toEqual(["resumed"]);
  expect(told(talking, seen(call({ state: "wrapping" })))).toEqual(["ended", "wrap_up"]);
  expect(told(seen(call({ state: "wrapping" })), none)).toEqual(["completed"]);
  expect(told(talking, none, true)).toEqual(["ended"]);
  expect(told(talking, none)).toEqual(["transferred"]);
  expect(told(talking, seen(call({ id: "CA2" })), true)).toEqual(["ended", "answered"]);
});

it("tells of the microphone here and of the server's silence", () => {
  const here = (muted: boolean) => viewOf(snapshot(call()), ME, { ...NO_PHONE, legId: "LG1", muted }, undefined);
  expect(told(here(false), here(true))).toEqual(["muted"]);
  expect(told(here(true), here(false))).toEqual(["unmuted"]);
  const [own] = call().parties;
  expect(told(seen(call()), seen(call({ parties: [{ ...own!, muted: true }] })))).toEqual(["muted"]);
});

it("tells offers, the state and the phone", () => {
  const offer = { reservation_id: "WR1", conversation_id: null, number: "+33", name: "", queue: "Sales", variables: { topic: "x" } };
  const before = seen();
  expect(eventsBetween(before, { ...before, offer }, false)).toEqual([{ event: "offer", offer }]);
  expect(told({ ...before, offer }, { ...before, offer })).toEqual([]);
  expect(told({ ...before, offer }, before)).toEqual(["offer_over"]);
  expect(told({ ...before, offer }, { ...before, offer: { ...offer, reservation_id: "WR2" } })).toEqual(["offer_over", "offer"]);
  expect(eventsBetween(before, { ...before, phone: "ready" }, false)).toEqual([{ event: "phone", phone: "ready" }]);
  const away = { id: "AC2", name: "Break", available: false };
  expect(eventsBetween(before, { ...before, state: away }, false)).toEqual([{ event: "state", state: away }]);
});
