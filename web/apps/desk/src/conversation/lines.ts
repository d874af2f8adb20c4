/** The log as lines: messages grouped by speaker within two minutes, events between them, a cord where channels join. */
import type { ConversationFull, Message, Split, Touch } from "@parlons/client/types.ts";
import type { Call, Recording } from "@parlons/client/voice.ts";
import type { Outgoing } from "../data/details.ts";
import type { Heard } from "../phone/recordings.ts";

export type Line =
  | { kind: "day"; key: string; at: string }
  | { kind: "cord"; key: string; at: string; from: string; to: string }
  | { kind: "event"; key: string; at: string; message: Message }
  | { kind: "touch"; key: string; at: string; touch: Touch }
  | {
      kind: "group";
      key: string;
      at: string;
      side: "in" | "out";
      author: Message["author"];
      messages: Message[];
    }
  | { kind: "split"; key: string; at: string; split: Split }
  | { kind: "call"; key: string; at: string; call: Call }
  | { kind: "recording"; key: string; at: string; recording: Recording }
  | { kind: "sending"; key: string; at: string; one: Outgoing };

const GROUP_MS = 120_000;

const sameSpeaker = (a: Message["author"], b: Message["author"]): boolean => a.kind === b.kind && a.id === b.id;

function joins(line: Line | undefined, message: Message): line is Line & { kind: "group" } {
  if (line?.kind !== "group" || line.side !== message.direction || !sameSpeaker(line.author, message.author))
    return false;
  return Date.parse(message.at) - Date.parse(line.messages.at(-1)!.at) < GROUP_MS;
}

function isEvent(message: Message): boolean {
  return message.author.kind === "system" || message.notice !== null;
}

type Item = { at: string } & ({ message: Message } | { split: Split } | { touch: Touch } | { call: Call } | { recording: Recording });

/** Pages the customer opened during the conversation: of those in a row only the last. */
function pages(full: ConversationFull, touches: Touch[]): Touch[] {
  return touches.filter((touch) => touch.kind === "page" && touch.at >= full.opened_at);
}

/** By their numbers, as everybody reads them: of two written in the same moment the first may be the later by its clock. */
function messageItems(messages: Message[]): Item[] {
  let latest = "";
  return messages.map((message) => {
    latest = message.at > latest ? message.at : latest;
    return { at: latest, message };
  });
}

/** Calls stand where they began, their recordings right after. */
function heardItems({ calls, recordings }: Heard): Item[] {
  return [
    ...calls.map((call) => ({ at: call.started_at, call })),
    ...recordings.map((recording) => ({ at: recording.started_at, recording })),
  ];
}

export function lines(full: ConversationFull, outgoing: Outgoing[], touches: Touch[], heard?: Heard): Line[] {
  const out: Line[] = [];
  let channel: string | null = null;
  let date = "";
  const items: Item[] = [
    ...(full.splits ?? []).map((split) => ({ at: split.first_at, split })),
    ...messageItems(full.messages),
    ...pages(full, touches).map((touch) => ({ at: touch.at, touch })),
    ...(heard ? heardItems(heard) : []),
  ].sort((a, b) => a.at.localeCompare(b.at));
  for (const item of items) {
    const day = new Date(item.at).toDateString();
    if (date && day !== date) out.push({ kind: "day", key: `day-${item.at}`, at: item.at });
    date = day;
    const last = out.at(-1);
    if ("touch" in item) {
      const line: Line = {
        kind: "touch",
        key: item.touch.id,
        at: item.at,
        touch: item.touch,
      };
      if (last?.kind === "touch") out[out.length - 1] = line;
      else out.push(line);
      continue;
    }
    if ("split" in item) {
      out.push({ kind: "split", key: item.split.id, at: item.at, split: item.split });
      continue;
    }
    if ("call" in item) {
      // What is written in a matter that began by telephone goes by another channel; a call beside a chat is a stretch of it.
      channel ??= "voice";
      out.push({ kind: "call", key: item.call.id, at: item.at, call: item.call });
      continue;
    }
    if ("recording" in item) {
      out.push({ kind: "recording", key: item.recording.id, at: item.at, recording: item.recording });
      continue;
    }
    const { message } = item;
    if (channel && message.channel !== channel && !isEvent(message))
      out.push({
        kind: "cord",
        key: `cord-${message.id}`,
        at: message.at,
        from: channel,
        to: message.channel,
      });
    if (!isEvent(message)) channel = message.channel;
    if (isEvent(message)) out.push({ kind: "event", key: message.id, at: message.at, message });
    else if (joins(out.at(-1), message)) (out.at(-1) as Line & { kind: "group" }).messages.push(message);
    else
      out.push({
        kind: "group",
        key: message.id,
        at: message.at,
        side: message.direction,
        author: message.author,
        messages: [message],
      });
  }
  for (const one of outgoing) out.push({ kind: "sending", key: one.clientId, at: one.at, one });
  return out;
}
