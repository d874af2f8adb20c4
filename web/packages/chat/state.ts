/** All the widget knows, and the pure steps by which it changes. */
import type { Attachment, Config, Conversation, Message, ServerFrame, Snapshot } from "./wire.ts";

/** What stands in the way, in a word; whoever draws it has the sentence. */
export type NoticeWord =
  | "lost"
  | "trouble"
  | "failed"
  | "too_long"
  | "slow_down"
  | "file_too_large"
  | "file_type"
  | "file_failed";

/** A sentence to be: said in the visitor's language when drawn. `bytes` of its values is a size. */
export interface Said {
  word: NoticeWord;
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
  broken: NoticeWord | null;
  /** What is being written; it outlives the closing of the panel. */
  draft: string;
  /** It is to be sent as soon as the last of its files has arrived. */
  wanted: boolean;
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
  wanted: false,
  form: { name: "", email: "", text: "", tried: false },
  below: false,
};

/** The message is there once, whichever came first: the answer to the request, the event, or both after a resend. */
export function withMessage(state: State, message: Message): State {
  return {
    ...state,
    messages: [...state.messages.filter((each) => each.id !== message.id), message].sort((a, b) => a.number - b.number),
    pending: state.pending.filter((each) => each.client_id !== message.client_id),
    typing: message.author.kind === "customer" ? state.typing : null,
  };
}

/** A snapshot replaces what was known, save what arrived while it was on its way; what is not sent yet stays pending. */
export function withSnapshot(state: State, { conversation, messages }: Snapshot): State {
  const last = messages.at(-1)?.number ?? 0;
  const newer = state.conversation?.id === conversation?.id ? state.messages.filter((each) => each.number > last) : [];
  const arrived = new Set(messages.map((each) => each.client_id));
  return {
    ...state,
    conversation,
    messages: [...messages, ...newer],
    pending: state.pending.filter((each) => !arrived.has(each.client_id)),
  };
}

/** What a frame of the socket does. */
export function withFrame(state: State, frame: ServerFrame): State {
  switch (frame.type) {
    case "welcome":
      return withSnapshot(state, frame.data);
    case "message.added":
      return withMessage(state, frame.data.message);
    case "message.read": {
      const { conversation } = state;
      return conversation
        ? {
            ...state,
            conversation: {
              ...conversation,
              read_number: Math.max(conversation.read_number, frame.data.number),
            },
          }
        : state;
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

export const unread = (state: State): Message[] =>
  state.messages.filter((each) => fromThem(each) && each.number > (state.conversation?.seen_number ?? 0));

/** Whether to show the form instead of the chat: the doors are closed and no conversation is going on. */
export const isOffline = (state: State): boolean =>
  state.config?.open === false &&
  state.pending.length === 0 &&
  (state.offline !== null || !/waiting|kept|active|parked/.test(state.conversation?.status ?? ""));
