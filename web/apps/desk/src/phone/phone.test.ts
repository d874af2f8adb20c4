import type { Snapshot } from "@parlons/client/types.ts";
import type { Call, ContactAddress, Party } from "@parlons/client/voice.ts";
import { describe, expect, it } from "vitest";
import { changed, missing, moved, seconds, without } from "./addresses.ts";
import {
  added,
  callOfConversation,
  callsOf,
  consulted,
  farNumber,
  isHere,
  myCall,
  parked,
  supervised,
} from "./calls.ts";
import { loudness } from "./level.ts";
import { networkGrade } from "./network.ts";
import { dialled, isDiallable, isEmergency, shown } from "./number.ts";
import { between, counters, grade, mos, NOTHING } from "./quality.ts";
import { bars } from "./waveform.ts";

const party = (leg_id: string, kind: Party["kind"], more: Partial<Party> = {}): Party => ({
  ...{ leg_id, kind, label: leg_id, worker_id: null, state: "talking", held: false, muted: false, mode: null },
  ...more,
});
const CUSTOMER = party("c", "customer");
const ME = party("me", "agent", { worker_id: "w1" });

const call = (id: string, more: Partial<Call> = {}): Call => ({
  ...{
    id,
    conversation_id: `cv-${id}`,
    task_id: null,
    firm_id: null,
    queue_id: null,
    direction: "in",
    state: "talking",
  },
  ...{ worker_id: "w1", from_number: "+33612849011", number: "+33561000000", customer_name: "", version: 1 },
  ...{ started_at: "2026-01-01T10:00:00Z", answered_at: "2026-01-01T10:00:01Z", agent_at: null, queued_at: null },
  ...{ held_since: null, wrap_until: null, ended_at: null, end_cause: null, recording: { state: "on" }, quality: null },
  parties: [CUSTOMER, ME],
  ...more,
});
const live = (...calls: Call[]) => ({ calls: Object.fromEntries(calls.map((each) => [each.id, each])) }) as Snapshot;

describe("whose call it is", () => {
  it("finds the call whose line I hold, and none of others, ended or parked", () => {
    const others = [
      call("a", { worker_id: "w2", parties: [CUSTOMER] }),
      call("b", { state: "parked" }),
      call("d", { state: "wrapping" }),
    ];
    expect(myCall(live(...others), "w1")).toBeUndefined();
    expect(myCall(live(...others, call("e", { state: "held" })), "w1")?.id).toBe("e");
    expect(myCall(live(call("e")), null)).toBeUndefined();
    expect(myCall({} as Snapshot, "w1")).toBeUndefined();
  });

  it("counts a colleague's call that I was brought into, not one that only rings at me", () => {
    const guest = (state: Party["state"]) => [CUSTOMER, party("o", "agent", { worker_id: "w2" }), { ...ME, state }];
    expect(myCall(live(call("a", { worker_id: "w2", parties: guest("talking") })), "w1")?.id).toBe("a");
    expect(myCall(live(call("a", { worker_id: "w2", parties: guest("ringing") })), "w1")).toBeUndefined();
  });

  it("shows a call I dial while it rings, not one that is only offered", () => {
    expect(myCall(live(call("a", { state: "ringing", answered_at: null })), "w1")).toBeUndefined();
    expect(myCall(live(call("a", { state: "ringing", direction: "out", answered_at: null })), "w1")?.id).toBe("a");
    expect(myCall(live(call("a", { state: "ringing", direction: "out" }), call("b")), "w1")?.id).toBe("b");
  });

  it("knows whether my browser is on the line", () => {
    expect(isHere(call("a"), "me")).toBe(true);
    expect(isHere(call("a"), "other")).toBe(false);
    expect(isHere(call("a"), null)).toBe(false);
    expect(isHere(undefined, "me")).toBe(false);
  });

  it("finds whom I listen to, by leg or by person", () => {
    const listener = party("s", "supervisor", { worker_id: "w9", mode: "listen" });
    const picture = live(call("a", { worker_id: "w2", parties: [CUSTOMER, listener] }));
    expect(supervised(picture, "s", null)?.[0].id).toBe("a");
    expect(supervised(picture, null, "w9")?.[1].mode).toBe("listen");
    expect(supervised(picture, "me", "w1")).toBeNull();
  });

  it("tells the colleague asked from those who were added", () => {
    const nadia = party("n", "agent", { worker_id: "w2" });
    const out = party("o", "outside");
    expect(consulted(call("a", { state: "consulting", parties: [CUSTOMER, ME, nadia] }))?.leg_id).toBe("n");
    expect(consulted(call("a", { parties: [CUSTOMER, ME, nadia] }))).toBeUndefined();
    expect(added(call("a", { parties: [CUSTOMER, ME, nadia, out] }), "me").map((each) => each.leg_id)).toEqual([
      "n",
      "o",
    ]);
    expect(added(call("a"), "me")).toEqual([]);
  });

  it("lists parked calls, a colleague's calls and a conversation's", () => {
    const picture = live(call("a", { state: "parked", worker_id: null }), call("b"), call("d", { state: "ended" }));
    expect(parked(picture).map((each) => each.id)).toEqual(["a"]);
    expect(callsOf(picture, "w1").map((each) => each.id)).toEqual(["b"]);
    expect(callOfConversation(picture, "cv-b")?.id).toBe("b");
    expect(callOfConversation(picture, "cv-d")).toBeUndefined();
    const outward = call("a", { direction: "out", from_number: "+33612849011", number: "+33561000000" });
    expect(farNumber(outward)).toBe("+33612849011");
  });
});

describe("numbers", () => {
  it("takes what people type", () => {
    expect(dialled("06 12.84-90 11")).toBe("0612849011");
    expect(dialled("0044 (20) 7946")).toBe("+44207946");
    expect(isDiallable("+33 6 12 84 90 11")).toBe(true);
    for (const text of ["", "1", "Nadia", "+", "06 1a", "1".repeat(21)]) expect(isDiallable(text), text).toBe(false);
  });

  it("shows them in the groups of their country", () => {
    expect(shown("+33612849011")).toBe("+33 6 12 84 90 11");
    expect(shown("0612849011")).toBe("06 12 84 90 11");
    expect(shown("+12025550123")).toBe("+1 202 555 0123");
    expect(shown("+442079460958")).toBe("+44 2079 460958");
    expect(shown("+4930123456")).toBe("+4930123456");
    expect(shown("messenger:682498302938465:7085350114")).toBe("Messenger …0114");
    expect(shown("matrix:@claire:example.org")).toBe("matrix:@claire:example.org");
    expect(shown("")).toBe("");
  });

  it("knows the numbers that save lives", () => {
    for (const number of ["112", "1 5", "17", "18", "114", "911", "999"])
      expect(isEmergency(number), number).toBe(true);
    for (const number of ["1120", "0112", "15 0"]) expect(isEmergency(number), number).toBe(false);
  });
});

describe("quality", () => {
  const perfect = { ...NOTHING, received: 250, jitterSeconds: 0.002, rttSeconds: 0.02 };

  it("is good on a good line, and falls with loss and delay", () => {
    expect(mos(0, 2, 20)).toBeGreaterThan(4.2);
    expect(mos(5, 2, 20)).toBeLessThan(mos(1, 2, 20));
    expect(mos(0, 2, 800)).toBeLessThan(mos(0, 2, 100));
    expect(mos(100, 500, 5000)).toBeGreaterThanOrEqual(1);
  });

  it("looks at the last stretch only, and at the worse direction", () => {
    const before = { ...perfect, received: 1000, lost: 100 };
    expect(between(before, { ...before, received: 1250 }).lost_percent).toBe(0);
    expect(between(before, { ...before, received: 1225, lost: 125 }).lost_percent).toBeCloseTo(10);
    expect(between(before, { ...before, received: 1250, farLost: 0.2 }).lost_percent).toBeCloseTo(20);
    expect(between(before, NOTHING).lost_percent).toBe(0);
  });

  it("reads a browser's report and survives what is missing", () => {
    const rows = [
      { type: "inbound-rtp", kind: "audio", packetsReceived: 10, packetsLost: -1, jitter: 0.004 },
      { type: "inbound-rtp", kind: "video", packetsReceived: 99 },
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.05 },
      { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
      { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.1 },
      { type: "codec" },
    ];
    expect(counters(rows)).toEqual({ received: 10, lost: 0, jitterSeconds: 0.004, rttSeconds: 0.05, farLost: 0.1 });
    expect(counters([])).toEqual(NOTHING);
  });

  it("has three words", () => {
    const at = (value: number) => grade({ lost_percent: 0, jitter_ms: 0, rtt_ms: 0, mos: value });
    expect([at(4.3), at(3.5), at(2)]).toEqual(["good", "fair", "poor"]);
    expect(grade(null)).toBeNull();
    expect([networkGrade(20), networkGrade(200), networkGrade(900)]).toEqual([
      "networkGood",
      "networkFair",
      "networkPoor",
    ]);
  });
});

describe("sound as a picture", () => {
  it("keeps the loudest of each stretch", () => {
    expect(bars([0, 50, 100, 20], 2)).toEqual([0.5, 1]);
    expect(bars([100], 3)).toEqual([1, 1, 1]);
    expect(bars([], 2)).toEqual([0, 0]);
    expect(bars([250], 1)).toEqual([1]);
  });

  it("measures loudness between silence and a shout", () => {
    expect(loudness([])).toBe(0);
    expect(loudness(new Float32Array(100))).toBe(0);
    expect(loudness([1, -1, 1])).toBe(1);
    const speech = loudness([0.05, -0.05]);
    expect(speech).toBeGreaterThan(0.3);
    expect(speech).toBeLessThan(0.9);
  });
});

describe("contact addresses", () => {
  const list: ContactAddress[] = [
    { kind: "browser", number: null, ring_seconds: 20 },
    { kind: "number", number: "+33612345678", ring_seconds: 25 },
  ];
  it("moves, removes and changes without touching the list", () => {
    expect(moved(list, 1, -1).map((each) => each.kind)).toEqual(["number", "browser"]);
    expect(moved(list, 0, -1)).toBe(list);
    expect(without(list, 0)).toHaveLength(1);
    expect(changed(list, 0, { ring_seconds: 30 })[0]?.ring_seconds).toBe(30);
    expect(list[0]?.ring_seconds).toBe(20);
  });
  it("offers what is not there, and a desk phone only to who has one", () => {
    expect(missing(list, true)).toEqual(["phone"]);
    expect(missing(list, false)).toEqual([]);
    expect(missing([], true)).toEqual(["browser", "phone"]);
  });
  it("keeps seconds within what the server takes", () => {
    expect([seconds("3"), seconds("12.4"), seconds("999"), seconds("abc")]).toEqual([5, 12, 120, 20]);
  });
});
