/** Questions to the live picture about calls: which is mine, whom I listen to, who is on the line. Pure. */
import type { Id, Snapshot } from "@parlons/client/types.ts";
import type { Call, Party } from "@parlons/client/voice.ts";

const TALKS: readonly Call["state"][] = ["ringing", "talking", "held", "consulting"];

const all = (snapshot: Snapshot): Call[] =>
  Object.values(snapshot.calls ?? {}).sort((a, b) => a.started_at.localeCompare(b.started_at));

/** Whether I talk in a colleague's call: he asked me, or brought me in. */
export const isGuest = (call: Call, workerId: Id | null): boolean =>
  call.worker_id !== workerId &&
  call.parties.some((each) => each.kind === "agent" && each.worker_id === workerId && each.state === "talking");

/** The call I am in: whose line I hold (talking, held, asking a colleague), one I dial that rings, or a colleague's. */
export function myCall(snapshot: Snapshot, workerId: Id | null): Call | undefined {
  if (!workerId) return undefined;
  const mine = all(snapshot).filter(
    (each) => TALKS.includes(each.state) && (each.worker_id === workerId || isGuest(each, workerId)),
  );
  return (
    mine.find((each) => each.state !== "ringing") ??
    mine.find((each) => each.direction !== "in" || each.answered_at !== null)
  );
}

/** The call that I, a supervisor, am in without holding its line. */
export function supervised(snapshot: Snapshot, legId: Id | null, workerId: Id | null): [Call, Party] | null {
  for (const call of all(snapshot))
    for (const party of call.parties) {
      const me = (legId && party.leg_id === legId) || (workerId && party.worker_id === workerId);
      if (party.kind === "supervisor" && me) return [call, party];
    }
  return null;
}

/** Whether one of a call's legs is this browser: then the microphone belongs to it. */
export const isHere = (call: Call | undefined, legId: Id | null): boolean =>
  call !== undefined && legId !== null && call.parties.some((party) => party.leg_id === legId);

/** Calls set down for anybody to take up. */
export const parked = (snapshot: Snapshot): Call[] => all(snapshot).filter((each) => each.state === "parked");

export const callsOf = (snapshot: Snapshot, workerId: Id): Call[] =>
  all(snapshot).filter((each) => each.worker_id === workerId && TALKS.includes(each.state));

export const callOfConversation = (snapshot: Snapshot, conversationId: Id): Call | undefined =>
  all(snapshot).find((each) => each.conversation_id === conversationId && each.state !== "ended");

/** The colleague or outside number one is asking before handing over. */
export const consulted = (call: Call): Party | undefined =>
  call.state === "consulting"
    ? call.parties.findLast((party) => party.kind === "outside" || (party.kind === "agent" && !isOwner(call, party)))
    : undefined;

const isOwner = (call: Call, party: Party): boolean =>
  party.worker_id ? party.worker_id === call.worker_id : party === call.parties.find((each) => each.kind === "agent");

/** Everybody but the customer, me and supervisors: those who were added; a colleague with two telephones ringing once. */
export const added = (call: Call, legId: Id | null): Party[] =>
  call.parties.filter(
    (party, at) =>
      party.leg_id !== legId &&
      (party.kind === "outside" || (party.kind === "agent" && !isOwner(call, party))) &&
      !(party.worker_id && call.parties.findIndex((each) => each.worker_id === party.worker_id) < at),
  );

/** The customer's number, whoever called whom; between colleagues the other one's name. */
export const farNumber = (call: Call): string =>
  call.direction === "internal"
    ? (call.parties.find((party) => party.kind === "agent" && !isOwner(call, party))?.label ?? "")
    : call.from_number;
