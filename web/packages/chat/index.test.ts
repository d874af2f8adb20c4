import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "./api.ts";
import { Chat } from "./chat.ts";
import { Device } from "./device.ts";
import { connect } from "./index.ts";
import type { Message } from "./parlons-chat.d.ts";

/** The last socket that was opened. */
let socket: FakeSocket;
let calls: [string, string, unknown][];
let answers: Record<string, unknown>;
/** What is refused, with which status. */
let refusals: Record<string, number>;

class FakeSocket {
  static OPEN = 1;
  readyState = 1;
  said: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    socket = this;
  }
  send(text: string) {
    this.said.push(text);
  }
  close() {
    this.readyState = 3;
  }
  tell(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const message = (number: number, kind: "customer" | "agent", text: string): Message => ({
  id: `IM${number}`,
  number,
  client_id: null,
  author: { kind, name: kind === "agent" ? "Sofia" : "" },
  text,
  attachments: [],
  at: "2026-09-01T10:00:00Z",
});
const conversation = { id: "CH1", status: "active", agent: null, position: null, read_number: 0, seen_number: 0 };

beforeEach(() => {
  calls = [];
  refusals = {};
  answers = { "POST /visits": { visitor_token: "pv_1", visitor_id: "VI1" } };
  const store = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
    removeItem: (name: string) => store.delete(name),
  });
  const document = { addEventListener: () => {}, visibilityState: "visible", title: "Orders", querySelectorAll: () => [], querySelector: () => null };
  vi.stubGlobal("document", document);
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("location", { pathname: "/orders", href: "https://app.example/orders" });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    const path = url.replace("https://parlons.example/api/v1/webchat/garage", "");
    calls.push([method, path, body && JSON.parse(body)]);
    return new Response(JSON.stringify(answers[`${method} ${path}`] ?? {}), { status: refusals[`${method} ${path}`] ?? 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const begin = () => connect({ origin: "https://parlons.example/", widget: "garage", language: "fr" });

describe("the chat without looks", () => {
  it("asks and keeps nothing before the visitor writes", () => {
    const chat = begin();
    expect(calls).toEqual([]);
    expect([chat.line, chat.conversation, chat.messages, chat.unread]).toEqual(["idle", null, [], 0]);
  });

  it("begins a visit with the first message, and tells each message once", async () => {
    const chat = begin();
    const heard: string[] = [];
    chat.on("message", ({ text }) => heard.push(text));
    const id = await chat.send("Bonjour");
    answers["POST /messages"] = { message: { ...message(1, "customer", "Bonjour"), client_id: id } };
    await vi.waitFor(() => expect(heard).toEqual(["Bonjour"]));
    expect(calls.map(([method, path]) => `${method} ${path}`)).toEqual(["POST /visits", "POST /messages"]);
    expect(socket.url).toBe("wss://parlons.example/api/v1/webchat/garage/socket");
    socket.tell({ type: "welcome", data: { conversation, messages: [message(1, "customer", "Bonjour")] } });
    socket.tell({ type: "message.added", data: { message: message(2, "agent", "Oui ?") } });
    expect(heard).toEqual(["Bonjour", "Oui ?"]);
    expect([chat.line, chat.unread, chat.pending.length]).toEqual(["up", 1, 0]);
    await chat.read();
    expect([chat.unread, calls.at(-1)]).toEqual([0, ["POST", "/read", { message_id: "IM2" }]]);
  });

  it("closes the line and keeps the visit for the next time", async () => {
    const chat = begin();
    await chat.consent(true);
    chat.close();
    expect(socket.readyState).toBe(3);
    const again = begin();
    expect(calls.filter(([, path]) => path === "/visits")).toHaveLength(1);
    socket.onopen?.();
    expect(socket.said).toContain('{"type":"hello","token":"pv_1"}');
    await again.identify(null);
    expect(calls.at(-1)?.slice(0, 2)).toEqual(["DELETE", "/visits"]);
  });

  it("lets other tabs hear of a visit once it is his whom the site named, and forgets him with it", async () => {
    const kept = vi.spyOn(localStorage, "setItem");
    answers["POST /identity"] = { visitor_token: "pv_2", visitor_id: "VI1" };
    const chat = begin();
    await chat.identify({ user_id: "u-7", email: "", name: "Claire", signature: "s" });
    await chat.consent(true);
    expect(kept.mock.calls.map(([, value]) => JSON.parse(value).token)).toEqual([null, "pv_2"]);
    await chat.identify(null);
    expect(localStorage.getItem("parlons:garage")).toBeNull();
    await chat.consent(true);
    expect(calls.filter(([, path]) => path === "/identity")).toHaveLength(1);
    expect(JSON.parse(localStorage.getItem("parlons:garage") ?? "").token).toBe("pv_1");
  });

  it("serves who cannot be proven as somebody unknown", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    refusals["POST /identity"] = 403;
    const chat = begin();
    await chat.identify({ user_id: "u-7", email: "", name: "Claire", signature: "forged" });
    await chat.send("Bonjour");
    await vi.waitFor(() => expect(calls.map(([, path]) => path)).toEqual(["/visits", "/identity", "/messages"]));
  });

  it("lets nobody write as somebody unknown because the server was busy when he was named", async () => {
    vi.useFakeTimers();
    refusals["POST /identity"] = 503;
    answers["POST /identity"] = { visitor_token: "pv_2", visitor_id: "VI1" };
    const chat = begin();
    await chat.identify({ user_id: "u-7", email: "", name: "Claire", signature: "s" });
    await chat.send("Bonjour");
    await vi.waitFor(() => expect(calls.map(([, path]) => path)).toEqual(["/visits", "/identity"]));
    refusals = {};
    await vi.advanceTimersByTimeAsync(3000);
    expect(calls.map(([, path]) => path)).toEqual(["/visits", "/identity", "/visits", "/identity", "/messages"]);
    expect(JSON.parse(localStorage.getItem("parlons:garage") ?? "").token).toBe("pv_2");
    vi.useRealTimers();
  });

  it("keeps the new token when the refusal of an older one comes late", async () => {
    vi.useFakeTimers();
    const read = () => JSON.parse(localStorage.getItem("parlons:garage") ?? "{}").token ?? null;
    const chat = new Chat(new Api("https://parlons.example", "garage"), new Device("garage"));
    await chat.consent(true);
    chat.api.token = "pv_2";
    chat.device.write({ token: "pv_2" });
    chat.forgetToken("pv_1");
    expect([chat.api.token, read()]).toEqual(["pv_2", "pv_2"]);
    chat.forgetToken();
    expect([chat.api.token, read()]).toEqual([null, "pv_2"]);
    chat.device.write({ token: "pv_3" });
    vi.runAllTimers();
    expect(read(), "another tab's newer one").toBe("pv_3");
    chat.api.token = "pv_3";
    chat.forgetToken();
    vi.runAllTimers();
    expect(read()).toBeNull();
    vi.useRealTimers();
  });

  it("says no more to who has stopped listening", async () => {
    const chat = begin();
    const heard = vi.fn();
    const stop = chat.on("line", heard);
    await chat.consent(true);
    socket.tell({ type: "welcome", data: { conversation: null, messages: [] } });
    expect(heard).toHaveBeenCalledWith("up");
    stop();
    socket.onclose?.();
    expect([chat.line, heard.mock.calls.length]).toEqual(["lost", 1]);
  });

  it("sends what is being written once its files are here, unless he writes on or takes the file away", () => {
    const chat = new Chat({ token: "pv_1" } as Api, { read: () => ({ pending: [] }), write: () => {}, watch: () => {} } as unknown as Device);
    const sent = vi.spyOn(chat.outbox, "send").mockReturnValue("");
    const way = (done: null) => chat.set({ uploads: [{ key: "u", name: "car.png", share: 0.5, done }] });
    way(null);
    chat.typed("Mine");
    chat.outbox.sendDraft();
    expect([chat.state.wanted, sent.mock.calls.length]).toEqual([true, 0]);
    chat.typed("Mine is");
    expect(chat.state.wanted).toBe(false);
    chat.outbox.sendDraft();
    chat.uploads.remove("u");
    expect(sent.mock.calls).toEqual([["Mine is"]]);
  });
});
