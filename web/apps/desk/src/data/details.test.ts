import type { Message } from "@parlons/client/types.ts";
import type { WireEvent } from "@parlons/sync/socket.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addMessage, loadDetail, loadWhile, moment, takeIn, useDetails } from "./details.ts";

const message = (text: string) => ({ id: "IM1", conversation_id: "CH1", number: 1, client_id: null, text }) as Message;
const told = (text: string) => takeIn({ event: "message.changed", data: { message: message(text) } } as unknown as WireEvent);
const shown = () => useDetails.getState().CH1!.full!.messages.map(({ text }) => text);

/** What waits for its answer. */
let answer: (text: string) => void;

beforeEach(async () => {
  vi.stubGlobal("fetch", () => new Promise<Response>((done) => {
    answer = (text) => done(Response.json({ id: "CH1", version: 1, messages: [message(text)] }));
  }));
  const loaded = loadDetail("CH1");
  answer("queued");
  await loaded;
});
afterEach(() => vi.unstubAllGlobals());

describe("an opened conversation", () => {
  it("is loaded, then kept by events", () => {
    expect(shown()).toEqual(["queued"]);
    told("sent");
    expect(shown()).toEqual(["sent"]);
  });

  it("takes no answer that is older than what an event has said since it was asked for", async () => {
    const asked = moment();
    const loaded = loadDetail("CH1");
    told("failed");
    addMessage(message("queued"), asked);
    expect(shown()).toEqual(["failed"]);
    answer("sending");
    await loaded;
    expect(shown()).toEqual(["failed"]);
    addMessage(message("queued again"), moment());
    expect(shown()).toEqual(["queued again"]);
  });

  it("keeps a message that arrives while it is opened for the first time", async () => {
    useDetails.setState({}, true);
    const loaded = loadDetail("CH1");
    const late = { ...message("late"), id: "IM2", number: 2 };
    takeIn({ event: "message.added", data: { message: late } } as unknown as WireEvent);
    answer("first");
    await loaded;
    expect(shown()).toEqual(["first", "late"]);
  });

  it("is asked for again while that fails and it is still wanted", async () => {
    vi.useFakeTimers();
    let asked = 0;
    let wanted = true;
    const answered = (whole: boolean) => Response.json(whole ? { id: "CH2", version: 1, messages: [] } : {}, { status: whole ? 200 : 503 });
    vi.stubGlobal("fetch", async () => answered(++asked === 3));
    await loadWhile("CH2", () => wanted);
    expect([asked, useDetails.getState().CH2!.full]).toEqual([1, null]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([asked, useDetails.getState().CH2!.full?.id]).toEqual([3, "CH2"]);
    useDetails.setState({}, true);
    await loadWhile("CH2", () => wanted);
    wanted = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(4);
    vi.useRealTimers();
  });
});
