import type { ConversationFull, Message } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import { describe, expect, it } from "vitest";
import { lines } from "./lines.ts";

let number = 0;
function message(at: string, kind: Message["author"]["kind"], more: Partial<Message> = {}): Message {
  number += 1;
  const author = { kind, id: kind, name: kind };
  const direction = kind === "customer" ? "in" : "out";
  return {
    ...{
      id: `m${number}`,
      conversation_id: "c",
      number,
      direction,
      channel: "webchat",
      author,
      text: "x",
      attachments: [],
    },
    ...{ notice: null, client_id: null, at: `2026-09-12T${at}Z` },
    ...more,
  };
}

const full = (messages: Message[]) => ({ messages, opened_at: "2026-09-12T10:00:00Z" }) as ConversationFull;

describe("lines", () => {
  it("groups one speaker within two minutes", () => {
    const found = lines(
      full([
        message("10:00:00", "customer"),
        message("10:01:30", "customer"),
        message("10:05:00", "customer"),
        message("10:05:10", "agent"),
      ]),
      [],
      [],
    );
    expect(found.map((line) => (line.kind === "group" ? line.messages.length : line.kind))).toEqual([2, 1, 1]);
  });

  it("joins two channels by a cord", () => {
    const found = lines(
      full([message("10:00:00", "customer"), message("10:01:00", "customer", { channel: "sms" })]),
      [],
      [],
    );
    expect(found.map((line) => line.kind)).toEqual(["group", "cord", "group"]);
  });

  it("joins what is written to the call it began with, and leaves a call beside a chat alone", () => {
    const call = { id: "call", started_at: "2026-09-12T10:00:30Z" } as Call;
    const kinds = (messages: Message[]) => lines(full(messages), [], [], { calls: [call], recordings: [] }).map((line) => line.kind);
    expect(kinds([message("10:01:00", "agent", { channel: "sms" })])).toEqual(["call", "cord", "group"]);
    expect(kinds([message("10:00:00", "customer"), message("10:01:00", "agent")])).toEqual(["group", "call", "group"]);
  });

  it("keeps the last of several pages in a row, and none from before", () => {
    const touch = (at: string) => ({
      id: at,
      kind: "page",
      data: {},
      at: `2026-09-12T${at}Z`,
      until_at: null,
    });
    const found = lines(
      full([message("10:00:00", "customer")]),
      [],
      [touch("09:00:00"), touch("10:02:00"), touch("10:03:00")],
    );
    expect(found.map((line) => line.key)).toEqual([found[0]!.key, "10:03:00"]);
  });

  it("keeps the order of their numbers where clocks disagree", () => {
    const [first, second] = [message("10:00:05", "customer", { text: "1" }), message("10:00:04", "agent", { text: "2" })];
    const found = lines(full([first, second]), [], []);
    expect(found.map((line) => line.kind === "group" && line.messages[0]!.text)).toEqual(["1", "2"]);
  });

  it("marks the day", () => {
    const found = lines(
      full([message("10:00:00", "customer"), message("10:00:00", "agent", { at: "2026-09-14T10:00:00Z" })]),
      [],
      [],
    );
    expect(found.map((line) => line.kind)).toEqual(["group", "day", "group"]);
  });
});
