/** All the widget knows, and the pure steps by which it changes. */
import type { Attachment, Config, Conversation, Message, ServerFrame, Snapshot } from "./wire";
import type { Word } from "./words";

/** A sentence to be: said in the visitor's language when drawn. */
export interface Said {
  word: Word;
  values?: Record<string, string | number>;
}

export interface Pending {
  client_id: string;
  text: string;
  attachments: Attachment[];
  status: "sending" | "waiting" | "failed";
  cause?: Said;
}

export interface Upload {
  key: string;
  name: string;
  share: number;
  done: Attachment | null;
}

export interface Form {
  name: string;
  email: string;
  text: string;
  tried: boolean;
}

export interface State {
  config: Config | null;
  open: boolean;
  /** `idle` until there is a visit. */
  line: "idle" | "up" | "lost";
  conversation: Conversation | null;
  messages: Message[];
  pending: Pending[];
  uploads: Upload[];
  typing: string | null;
  notice: Said | null;
  offline: { email: string } | null;
  broken: Word | null;
  /** What is being written; it outlives the closing of the panel. */
  draft: string;
  form: Form;
  /** News below what the reader looks at. */
  below: boolean;
}

export const empty: State = {
  config: null,
  open: false,
  line: "idle",
  conversation: null,
  messages: [],
  pending: [],
  uploads: [],
  typing: null,
  notice: null,
  offline: null,
  broken: null,
  draft: "",
  form: { name: "", email: "", text: "", tried: false },
  below: false,
};

/** The message is there once, whichever came first: the answer to the request, the event, or both after a resend. */
export function withMessage(state: State, message: Message): State {
  const known = state.messages.findIndex((each) => each.id === message.id);
  const messages = [...state.messages];
  if (known >= 0) messages[known] = { ...message, read_at: message.read_at ?? messages[known]?.read_at ?? null };
  else messages.push(message);
  messages.sort((a, b) => (a.sent_at < b.sent_at ? -1 : a.sent_at > b.sent_at ? 1 : a.id < b.id ? -1 : 1));
  return {
    ...state,
    messages,
    pending: state.pending.filter((each) => each.client_id !== message.client_id),
    typing: message.author.kind === "customer" ? state.typing : null,
  };
}

/** A snapshot replaces what was known; what is still on its way stays pending. */
export function withSnapshot(state: State, { conversation, messages }: Snapshot): State {
  const arrived = new Set(messages.map((each) => each.client_id));
  return { ...state, conversation, messages, pending: state.pending.filter((each) => !arrived.has(each.client_id)) };
}

/** What a frame of the socket does. A read mark covers all that was said before it. */
export function withFrame(state: State, frame: ServerFrame): State {
  switch (frame.type) {
    case "welcome":
      return withSnapshot(state, frame.data);
    case "message.added":
      return withMessage(state, frame.data.message);
    case "message.read": {
      const upTo = state.messages.findIndex((each) => each.id === frame.data.message_id);
      return {
        ...state,
        messages: state.messages.map((each, at) =>
          at <= upTo && each.author.kind === "customer" && !each.read_at
            ? { ...each, read_at: frame.data.read_at }
            : each,
        ),
      };
    }
    case "conversation.updated":
      return { ...state, conversation: frame.data.conversation };
    case "typing":
      return { ...state, typing: frame.data.name };
    default:
      return state;
  }
}

export const withPending = (state: State, clientId: string, change: Partial<Pending> | null): State => ({
  ...state,
  pending: state.pending.flatMap((each) =>
    each.client_id !== clientId ? [each] : change ? [{ ...each, ...change }] : [],
  ),
});

const fromThem = (message: Message) => message.author.kind === "agent" || message.author.kind === "bot";

export const unread = (state: State): Message[] => state.messages.filter((each) => fromThem(each) && !each.read_at);

/** Whether to show the form instead of the chat: the doors are closed and no conversation is going on. */
export const isOffline = (state: State): boolean =>
  state.config?.open === false &&
  state.pending.length === 0 &&
  !(state.conversation && ["waiting", "active", "parked"].includes(state.conversation.status));
