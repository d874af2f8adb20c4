/** Answers the desk's calls from memory. */
import type { Message, Snapshot } from "@parlons/client/types.ts";
import { me, snapshot } from "./data.ts";
import { addCalls, answerVoice } from "./voice.ts";
import { full, journey, statistics, why } from "./words.ts";

let state: Snapshot;
let socket: FakeSocket | null = null;
let seq = 1;

class FakeSocket {
  static readonly OPEN = 1;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    socket = this;
    setTimeout(() => {
      this.readyState = 1;
      this.onopen?.();
    }, 20);
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  send(text: string): void {
    if ((JSON.parse(text) as { type: string }).type === "register")
      this.say({ type: "snapshot", cursor: seq, data: state });
  }
  close(): void {
    this.readyState = 3;
    setTimeout(() => this.onclose?.(), 0);
  }
}

function tell(event: string, data: object): void {
  seq += 1;
  socket?.say({
    type: "event",
    seq,
    event,
    at: new Date().toISOString(),
    data,
  });
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

function send(id: string, body: { text: string; client_id: string }): Response {
  if (body.text.includes("fail")) return json({ title: "Unavailable", status: 503, code: "unavailable" }, 503);
  const detail = full(state, id);
  const message: Message = {
    ...{
      id: `new-${body.client_id}`,
      conversation_id: id,
      number: detail.message_count + 1,
      direction: "out",
      channel: "webchat",
    },
    ...{
      author: { kind: "agent", id: "u-me", name: "Inès Laurent" },
      text: body.text,
      attachments: [],
      notice: null,
    },
    ...{ client_id: body.client_id, at: new Date().toISOString() },
  };
  setTimeout(() => tell("message.added", { message }), 300);
  return json(message, 201);
}

function activity(id: string, activity_id: string): Response {
  const worker = {
    ...state.workers[id]!,
    activity_id,
    activity_since: new Date().toISOString(),
  };
  state.workers[id] = worker;
  setTimeout(() => tell("worker.activity.update", { worker }), 100);
  return json(worker);
}

function accept(id: string): Response {
  const reservation = { ...state.reservations[id]!, status: "accepted" };
  const task = {
    ...state.tasks[reservation.task_id]!,
    status: "assigned" as const,
    worker_id: "w-me",
  };
  const conversation = state.conversations[task.conversation_id ?? ""];
  tell("reservation.accepted", { reservation, task });
  if (conversation)
    tell("conversation.updated", {
      conversation: {
        ...conversation,
        assigned: { user_id: "u-me", worker_id: "w-me", name: "Inès" },
      },
    });
  return json(reservation);
}

function answer(method: string, path: string, body: never, query: URLSearchParams): Response | Promise<Response> {
  const [, kind, id, act] = path.split("?")[0]!.split("/");
  if (kind === "me")
    return query.has("out") ? json({ title: "Sign in", status: 401, code: "unauthenticated" }, 401) : json(me(query));
  if (kind === "session")
    return json(
      {
        title: "No",
        status: 401,
        code: query.get("out") === "link" ? "link-not-valid" : "unauthenticated",
      },
      401,
    );
  const voice = query.has("voice") ? answerVoice(method, path, query) : undefined;
  if (path === "/voice/phone") return new Promise<Response>(() => undefined);
  if (voice !== undefined) return json(voice);
  if (kind === "statistics") return json(statistics(state));
  if (kind === "tasks" && act === "why") return json(why(state, id!));
  if (kind === "customers" && act === "journey") return json(journey());
  if (kind === "conversations" && !id)
    return json({
      items: path.includes("customer:") ? Object.values(state.conversations).slice(2, 4) : [],
      next: null,
    });
  if (kind === "conversations" && id && !act)
    return state.conversations[id]
      ? json(full(state, id))
      : json({ title: "Gone", status: 404, code: "not-found" }, 404);
  if (act === "messages" && method === "POST") return send(id!, body);
  if (act === "activity") return activity(id!, (body as { activity_id: string }).activity_id);
  if (act === "accept") return accept(id!);
  if (kind === "notices") return json({ items: [], next: null });
  if (act === "reject")
    tell("reservation.rejected", {
      reservation: { ...state.reservations[id!]!, status: "rejected" },
    });
  return json({});
}

export function install(query: URLSearchParams): void {
  state = snapshot(query);
  if (query.has("voice")) addCalls(state, query);
  const real = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const path = String(input);
    if (!path.startsWith("/api/v1")) return real(input, init);
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as never) : ({} as never);
    return answer(init?.method ?? "GET", path.slice(7), body, query);
  };
  (window as unknown as { WebSocket: unknown }).WebSocket = FakeSocket;
  if (query.has("lost")) setTimeout(() => socket?.close(), 1500);
  if (query.has("typing"))
    setInterval(
      () =>
        socket?.say({
          type: "ephemeral",
          event: "typing",
          data: { conversation_id: "c1", who: { kind: "customer" } },
        }),
      2000,
    );
  setInterval(() => socket?.readyState === 1 && socket.say({ type: "ping" }), 3000);
}
