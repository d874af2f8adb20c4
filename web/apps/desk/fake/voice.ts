/** Calls of the practice centre: ?call=talking|held|consulting|ringing|three|paused|failed, ?parked, ?supervise=listen. */
import type { Snapshot } from "@parlons/client/types.ts";
import type { Call, Party, Recording } from "@parlons/client/voice.ts";
import { ago } from "./data.ts";

const party = (leg_id: string, kind: Party["kind"], label: string, more: Partial<Party> = {}): Party => ({
  ...{ leg_id, kind, label, worker_id: null, state: "talking", held: false, muted: false, mode: null },
  ...more,
});

const base: Call = {
  ...{ id: "ca1", conversation_id: "c0", task_id: "t-c0", firm_id: "f1", queue_id: "q3" },
  ...{ direction: "in", state: "talking", worker_id: "w-me", from_number: "+33612849011", number: "+33561000000" },
  ...{ customer_name: "David Okafor", started_at: ago(290), answered_at: ago(289), agent_at: ago(267) },
  ...{ queued_at: ago(280), held_since: null, wrap_until: null, ended_at: null, end_cause: null },
  ...{ recording: { state: "on" }, quality: null, version: 1 },
  parties: [
    party("leg-c", "customer", "David Okafor"),
    party("leg-me", "agent", "Inès Laurent", { worker_id: "w-me" }),
  ],
};

const nadia = party("leg-n", "agent", "Nadia Cherif", { worker_id: "w7" });
const STATES: Record<string, Partial<Call>> = {
  talking: {},
  held: { state: "held", held_since: ago(24) },
  consulting: { state: "consulting", held_since: ago(31), parties: [...base.parties, nadia] },
  three: { parties: [...base.parties, nadia, party("leg-o", "outside", "+33561445566")] },
  ringing: { state: "ringing", direction: "out", number: "+33612849011", agent_at: null, answered_at: null },
  paused: { recording: { state: "paused" } },
  failed: { recording: { state: "failed" } },
  wrapping: { state: "wrapping", ended_at: ago(20), wrap_until: ago(-25) },
};

export function addCalls(state: Snapshot, query: URLSearchParams): void {
  const calls: Record<string, Call> = {};
  const own = query.get("call");
  if (own) calls.ca1 = { ...base, ...STATES[own] };
  if (query.has("parked"))
    calls.ca2 = {
      ...base,
      id: "ca2",
      state: "parked",
      worker_id: null,
      customer_name: "Mme Aubry",
      held_since: ago(95),
    };
  const mode = query.get("supervise");
  const karim = Object.keys(state.workers)[5]!;
  if (query.get("role") === "supervisor") {
    const parties = [base.parties[0]!, party("leg-k", "agent", "Thomas Girard", { worker_id: karim })];
    if (mode)
      parties.push(party("leg-me", "supervisor", "Inès Laurent", { worker_id: "w-me", mode: mode as "listen" }));
    calls.ca3 = { ...base, id: "ca3", worker_id: karim, customer_name: "Mme Aubry", parties, conversation_id: "c8" };
  }
  state.calls = calls;
  for (const worker of Object.values(state.workers))
    (worker.channels as Record<string, unknown>).voice = { capacity: 1, assigned: 0, reserved: 0, available: true };
  if (query.has("offer")) {
    state.tasks["t-c9"]!.channel = "voice";
    if (state.conversations.c9) state.conversations.c9.channel = "voice";
  }
  if (own || query.has("recorded")) {
    const like = state.conversations.c2!;
    state.conversations.c0 = {
      ...{ ...like, id: "c0", channel: "voice", language: "en", last_message: null, subject: "Used cars" },
      ...{
        customer: { ...like.customer, id: "cu-c0", name: "David Okafor" },
        unread_count: 0,
        first_unanswered_at: null,
      },
    };
  }
}

const wave = (seed: number): number[] =>
  Array.from({ length: 1300 }, (_, at) =>
    Math.max(2, Math.abs(Math.sin(at / 9 + seed) * Math.sin(at / 37 + seed * 2)) * 90),
  );

const recording: Recording = {
  ...{
    id: "re1",
    call_id: "ca0",
    conversation_id: "c0",
    firm_id: "f1",
    state: "stored",
    kind: "call",
    channels: 2,
    ms: 267_000,
  },
  ...{ gaps: [[120_000, 151_000, "paused"]], started_at: ago(5200), retention_until: ago(-86400 * 90) },
};

/** Answers for the voice routes; undefined: not one of them. */
export function answerVoice(method: string, path: string, query: URLSearchParams): unknown {
  if (path.startsWith("/voice/phone/ice")) return { ice_servers: [] };
  if (path === "/voice/phone" && method === "POST") return { answer_sdp: "", leg_id: "leg-me" };
  if (path.startsWith("/voice/status"))
    return {
      ...{ engine: "up", trunks: [], phones: ["ines"], browser_registered: true },
      ...{ emergency_route: !query.has("noemergency"), numbers: ["+33561000000", "+33561000001"] },
    };
  if (path.startsWith("/voice/contact_addresses"))
    return {
      addresses: [
        { kind: "browser", number: null, ring_seconds: 20 },
        { kind: "phone", number: null, ring_seconds: 15 },
        { kind: "number", number: "+33612345678", ring_seconds: 25 },
      ],
      phone_username: "ines",
    };
  if (path.startsWith("/recordings?"))
    return {
      items: path.includes("c0")
        ? [
            recording,
            { ...recording, id: "re2", kind: "voicemail", channels: 1, ms: 22_000, gaps: [], started_at: ago(9000) },
          ]
        : [],
    };
  if (path.endsWith("/peaks")) return { stretch_ms: 205, left: wave(1), right: path.includes("re2") ? [] : wave(2.6) };
  if (path.startsWith("/calls?"))
    return {
      items: path.includes("c0")
        ? [
            { ...base, id: "ca0", state: "ended", started_at: ago(5220), agent_at: ago(5200), ended_at: ago(4933) },
            { ...base, id: "caA", state: "ended", agent_at: null, started_at: ago(9060), ended_at: ago(9010) },
            {
              ...base,
              id: "caB",
              state: "ended",
              direction: "out",
              agent_at: null,
              answered_at: null,
              end_cause: "busy",
              number: "+33612849011",
              started_at: ago(7000),
              ended_at: ago(6990),
            },
            ...(query.get("call") ? [base] : []),
          ]
        : [],
    };
  if (path.startsWith("/calls/") || path === "/calls") return base;
  return path.startsWith("/voice/") || path.startsWith("/recordings/") ? {} : undefined;
}
