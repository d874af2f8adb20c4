/** The conversations opened on this screen: messages, notes, drafts; loaded once, then kept by events. */
import { get } from "@parlons/client/http.ts";
import type { Way } from "@parlons/client/channels.ts";
import type { Attachment, ConversationFull, ConversationSummary, Message, Note } from "@parlons/client/types.ts";
import type { WireEvent } from "@parlons/sync/socket.ts";
import { useLive } from "@parlons/sync/store.ts";
import { create } from "zustand";

/** What is sent, and which way; without a way by the conversation's own channel. */
export interface Letter {
  text: string;
  attachments: Attachment[];
  /** Files its page shows. */
  inside?: string[];
  way?: Way;
  subject?: string;
  cc?: string[];
  bcc?: string[];
  html?: string;
  template?: { name: string; language: string; values: string[] };
}

export interface Outgoing extends Letter {
  clientId: string;
  at: string;
  /** `held`: it leaves in a moment and can still be taken back. */
  state: "held" | "sending" | "failed";
  cause?: string;
  /** The refusal's code. */
  code?: string;
  /** Number of the last message on the screen when it was sent. */
  seen: number;
}

export interface Detail {
  full: ConversationFull | null;
  outgoing: Outgoing[];
  error: "missing" | "failed" | null;
}

const NOTHING: Detail = { full: null, outgoing: [], error: null };

export const useDetails = create<Record<string, Detail>>(() => ({}));

export const useDetail = (id: string): Detail => useDetails((details) => details[id] ?? NOTHING);

/** Changes one opened conversation. */
export function change(id: string, how: (detail: Detail) => Detail): void {
  useDetails.setState((details) => ({ [id]: how(details[id] ?? NOTHING) }));
}

export function changeFull(id: string, how: (full: ConversationFull) => ConversationFull): void {
  if (!useDetails.getState()[id]?.full) return;
  change(id, (detail) => (detail.full ? { ...detail, full: how(detail.full) } : detail));
}

let heard = 0;
/** Message: the last event that told of it, by their count. */
const heardOf = new Map<string, number>();

/**
 * The moment a request leaves. Events tell of a message in the order of its changes, a request's answer comes when it comes:
 * what an event has said since stands.
 */
export const moment = (): number => heard;

const isStale = (message: Message, asked: number): boolean => (heardOf.get(message.id) ?? 0) > asked;

/** Conversations being loaded: what events tell of their messages meanwhile, a list for each request. */
const meanwhile = new Map<string, Set<Message[]>>();

const inOrder = (messages: Message[]): Message[] => messages.sort((a, b) => a.number - b.number);

/** An answer's messages with what was told since it was asked for: it may have been read before. */
function withNews(answer: ConversationFull, news: Message[]): Message[] {
  const all = new Map(answer.messages.map((message) => [message.id, message]));
  const first = answer.messages_before ? (answer.messages[0]?.number ?? 0) : 0;
  for (const message of news) if (message.number >= first) all.set(message.id, message);
  return inOrder([...all.values()]);
}

/** Loads a conversation; what was loaded before stays on screen meanwhile. An answer older than the events is asked anew. */
export async function loadDetail(id: string, tries = 3): Promise<void> {
  const news: Message[] = [];
  const all = meanwhile.get(id) ?? new Set();
  meanwhile.set(id, all.add(news));
  try {
    const full = await get<ConversationFull>(`/conversations/${id}`);
    const live = useLive.getState().snapshot.conversations[id];
    if (live && live.version > full.version && tries > 0) return loadDetail(id, tries - 1);
    change(id, (detail) => {
      const messages = withNews(full, news);
      const known = new Set(messages.map((message) => message.client_id));
      const outgoing = detail.outgoing.filter((each) => !known.has(each.clientId));
      return { full: { ...full, messages, ways: detail.full?.ways }, outgoing, error: null };
    });
  } catch (error) {
    const missing = (error as { status?: number }).status === 404;
    change(id, (detail) => ({
      ...detail,
      error: missing ? "missing" : "failed",
    }));
  } finally {
    all.delete(news);
    if (all.size === 0 && meanwhile.get(id) === all) meanwhile.delete(id);
  }
}

const AGAIN_MS = 2000;

/** Loads a conversation, and tries again later while that fails and it is still wanted. */
export async function loadWhile(id: string, wanted: () => boolean): Promise<void> {
  await loadDetail(id);
  if (!useDetails.getState()[id]?.full) setTimeout(() => wanted() && void loadWhile(id, wanted), AGAIN_MS);
}

/** Loads the page of messages before those on screen. */
export async function loadOlder(id: string): Promise<void> {
  const before = useDetails.getState()[id]?.full?.messages_before;
  if (!before) return;
  const page = await get<{ items: Message[] }>(`/conversations/${id}/messages?before=${before}`);
  const items = [...page.items].sort((a, b) => a.number - b.number);
  const first = items[0]?.number ?? 1;
  changeFull(id, (full) => {
    const known = new Set(full.messages.map((message) => message.id));
    const messages = [...items.filter((each) => !known.has(each.id)), ...full.messages];
    return { ...full, messages, messages_before: first > 1 ? first : null };
  });
}

/** After a new snapshot whatever is open may be behind: fetch it again. */
export function refreshAll(): void {
  for (const [id, detail] of Object.entries(useDetails.getState())) if (detail.full) void loadDetail(id);
}

/** A message as a request that left at `asked` was answered. */
export function addMessage(message: Message, asked: number): void {
  if (!isStale(message, asked)) put(message);
}

function put(message: Message): void {
  const id = message.conversation_id;
  change(id, (detail) => ({
    ...detail,
    outgoing: detail.outgoing.filter((each) => each.clientId !== message.client_id),
  }));
  changeFull(id, (full) => {
    const rest = full.messages.filter((each) => each.id !== message.id);
    return { ...full, messages: inOrder([...rest, message]) };
  });
}

/** Takes in what an event says of an opened conversation. */
export function takeIn({ event, data }: WireEvent): void {
  const summary = data.conversation as ConversationSummary | undefined;
  if (summary) changeFull(summary.id, (full) => ({ ...full, ...summary }));
  const split = data.split as { from_id: string; into_id: string } | undefined;
  for (const id of split ? [split.from_id, split.into_id] : []) if (useDetails.getState()[id]?.full) void loadDetail(id);
  const message = data.message as Message | undefined;
  for (const news of meanwhile.get(message?.conversation_id ?? "") ?? []) news.push(message!);
  if (message?.conversation_id && useDetails.getState()[message.conversation_id]) {
    heard += 1;
    heardOf.set(message.id, heard);
    put(message);
  }
  const note = data.note as Note | undefined;
  const noteOf = note?.conversation_id ?? (data.conversation_id as string | undefined);
  if (note && noteOf)
    changeFull(noteOf, (full) => ({
      ...full,
      notes: [...full.notes.filter((each) => each.id !== note.id), note],
    }));
  if (event === "message.read" && data.by === "customer")
    changeFull(String(data.conversation_id), (full) => ({
      ...full,
      customer_read_number: Number(data.number),
    }));
}
