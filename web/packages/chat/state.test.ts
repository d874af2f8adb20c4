import { describe, expect, it } from "vitest";
import { empty, isOffline, type State, unread, withFrame, withMessage, withSnapshot } from "./state.ts";
import type { Config, Conversation, Message } from "./wire.ts";

const message = (number: number, kind: Message["author"]["kind"], client_id: string | null = null): Message => ({
  id: `IM${number}`,
  number,
  client_id,
  author: { kind, name: kind === "agent" ? "Inès" : "" },
  text: `n° ${number}`,
  attachments: [],
  at: "2026-11-21T14:03:00.000Z",
});
const conversation: Conversation = {
  id: "CH1",
  status: "active",
  agent: null,
  position: null,
  read_number: 0,
  seen_number: 0,
};
const pending = {
  client_id: "c1",
  text: "Bonjour",
  attachments: [],
  status: "sending" as const,
};
const chatting: State = { ...empty, conversation };

describe("messages", () => {
  it("are there once, whether the answer or the event comes first", () => {
    const sent = message(1, "customer", "c1");
    for (const order of [
      [sent, sent],
      [sent, { ...sent }],
    ]) {
      const state = order.reduce(withMessage, {
        ...chatting,
        pending: [pending],
      });
      expect(state.messages).toHaveLength(1);
      expect(state.pending).toEqual([]);
    }
  });

  it("stand in the order of their numbers", () => {
    const state = [message(3, "agent"), message(1, "customer"), message(2, "agent")].reduce(withMessage, chatting);
    expect(state.messages.map((each) => each.number)).toEqual([1, 2, 3]);
  });

  it("end the dots of who was writing, unless they are the visitor's own", () => {
    const typing = withFrame(chatting, {
      type: "typing",
      data: { name: "Inès" },
    });
    expect(withMessage(typing, message(1, "customer")).typing).toBe("Inès");
    expect(withMessage(typing, message(2, "agent")).typing).toBeNull();
  });
});

describe("a snapshot", () => {
  it("loses nothing that arrived while it was on its way, and doubles nothing", () => {
    const before = [message(1, "customer"), message(2, "agent"), message(3, "agent")].reduce(withMessage, chatting);
    const state = withSnapshot(before, {
      conversation,
      messages: [message(1, "customer"), message(2, "agent")],
    });
    expect(state.messages.map((each) => each.number)).toEqual([1, 2, 3]);
  });

  it("of another conversation replaces the old one", () => {
    const before = withMessage(chatting, message(9, "agent"));
    const state = withSnapshot(before, {
      conversation: { ...conversation, id: "CH2" },
      messages: [message(1, "agent")],
    });
    expect(state.messages.map((each) => each.number)).toEqual([1]);
  });

  it("confirms what was sent before the line fell, keeps what was not", () => {
    const waiting = { ...pending, client_id: "c2" };
    const before = { ...chatting, pending: [pending, waiting] };
    const state = withSnapshot(before, {
      conversation,
      messages: [message(1, "customer", "c1")],
    });
    expect(state.pending).toEqual([waiting]);
  });
});

describe("reading", () => {
  it("never goes back", () => {
    const far = withFrame(chatting, {
      type: "message.read",
      data: { number: 5 },
    });
    expect(withFrame(far, { type: "message.read", data: { number: 3 } }).conversation?.read_number).toBe(5);
  });

  it("leaves unread what others said after the last look", () => {
    const state = [message(1, "customer"), message(2, "agent"), message(3, "system"), message(4, "bot")].reduce(
      withMessage,
      {
        ...chatting,
        conversation: { ...conversation, seen_number: 2 },
      },
    );
    expect(unread(state).map((each) => each.number)).toEqual([4]);
  });
});

describe("closed doors", () => {
  const closed = { open: false } as Config;
  it("show the form, but never take a running conversation away", () => {
    expect(isOffline({ ...empty, config: closed })).toBe(true);
    expect(isOffline({ ...chatting, config: closed })).toBe(false);
    expect(isOffline({ ...empty, config: closed, pending: [pending] })).toBe(false);
    expect(isOffline({ ...empty, config: { open: true } as Config })).toBe(false);
  });
});
