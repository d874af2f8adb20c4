/** The shapes of the native API (/api/v1) and of the socket's snapshot that the desk reads. */
import type { components } from "./api.d.ts";
import type { Content, Delivery, Way } from "./channels.ts";
import type { Alert, Memo, Move } from "./floor.ts";
import type { TeamParts } from "./team.ts";
import type { Call } from "./voice.ts";

export type { Why, WhyCandidate } from "./why.ts";

export type Id = string;
type Api = components["schemas"];

export type Role = "agent" | "supervisor" | "administrator";
export type LocaleName = "en" | "fr";

/** A signed-in person: API keys, whose `user` is null, have no screen. */
export type Me = Omit<Api["Me"], "user"> & { user: Api["MyUser"] };

/** `shape` is for configurations that name one of the seven shapes themselves. */
export type Activity = Api["Activity"] & { shape?: string | null };

export type Queue = Api["Queue"];

export type ChannelLoad = Api["ChannelLoad"];

export type Worker = Api["Worker"];

export type TaskStatus = "pending" | "reserved" | "assigned" | "wrapping" | "completed" | "canceled";

export type Task = Api["Task"];

export type Reservation = Api["Reservation"];

/** The page a customer looks at now. */
export interface LivePage {
  url: string | null;
  title: string | null;
  since_at: string;
  /** What the page shows, as the site says it: name, price, currency, sku and whatever else. */
  product?: Record<string, string>;
}

export interface ConversationSummary {
  id: Id;
  status: "open" | "parked" | "closed";
  firm_id: Id;
  queue_id: Id | null;
  channel: string;
  subject: string;
  language: string;
  customer: {
    id: Id;
    name: string;
    address: string | null;
    lives_on: LivePage | null;
  };
  last_message: {
    id: Id;
    who: "customer" | "agent" | "system" | "bot";
    /** The user, of an agent's message. */
    by?: Id | null;
    name: string;
    text: string;
  } | null;
  last_message_at: string | null;
  last_customer_message_at: string | null;
  /** Since when the customer waits for an answer. */
  first_unanswered_at: string | null;
  unread_count: number;
  message_count: number;
  agent_read_number: number;
  customer_read_number: number;
  assigned: { user_id: Id | null; worker_id: Id | null; name: string } | null;
  /** Users who joined beside the one who has it. */
  joined?: Id[];
  lead_task_id: Id | null;
  not_served_reason: string | null;
  opened_at: string;
  parked_until_at: string | null;
  /** The contact has ended, the work after it has not. */
  wrapup_since_at: string | null;
  closed_at: string | null;
  disposition_id: Id | null;
  tags: string[];
  version: number;
}

export interface Attachment {
  id: Id;
  name: string;
  size: number;
  content_type: string;
}

export interface Message {
  id: Id;
  conversation_id: Id;
  /** Counts from 1 in its conversation: the order everybody sees. */
  number: number;
  direction: "in" | "out";
  channel: string;
  author: {
    kind: "customer" | "agent" | "system" | "bot";
    id: Id | null;
    name: string;
  };
  text: string;
  attachments: Attachment[];
  /** A line of the system: its code and values, read in the reader's language. */
  notice: { code: string; [value: string]: unknown } | null;
  client_id: string | null;
  at: string;
  /** What its channel knows beyond the text: a subject, a kind, folded quotes. */
  content?: Content | null;
  /** What became of it on its way to the customer; the chat of the site has none. */
  delivery?: Delivery | null;
}

export interface Note {
  id: Id;
  conversation_id: Id;
  author_user_id: Id | null;
  author_name: string;
  text: string;
  at: string;
}

export interface Touch {
  id: Id;
  kind: string;
  data: Record<string, unknown>;
  at: string;
  until_at: string | null;
}

export interface Journey {
  lives_on: LivePage | null;
  items: Touch[];
}

export interface Customer {
  id: Id;
  firm_id: Id;
  name: string;
  language: string | null;
  attributes: Record<string, unknown>;
  addresses: { id: Id; kind: string; value: string; verified: boolean }[];
  created_at: string;
  version: number;
}

export interface Disposition {
  id: Id;
  /** By language. */
  name: Record<string, string>;
}

export interface Draft {
  conversation_id: Id;
  channel: string;
  text: string;
  /** The same with formatting, for letters. */
  html?: string;
  saved_at: string;
}

/** Messages that became a conversation of their own. */
export interface Split {
  id: Id;
  from_id: Id;
  into_id: Id;
  messages: number;
  by_name: string;
  at: string;
  /** Where in time the messages stand that went. */
  first_at: string;
}

export interface ConversationFull extends ConversationSummary {
  customer_details: Customer | null;
  disposition_note: string;
  legs: {
    id: Id;
    channel: string;
    started_at: string;
    ended_at: string | null;
    ended_by: string | null;
  }[];
  messages: Message[];
  /** The number before which older messages exist; null: all are here. */
  messages_before: number | null;
  /** Splits that hold, from it or into it. */
  splits?: Split[];
  notes: Note[];
  drafts: Draft[];
  dispositions: { required: boolean; items: Disposition[] };
  /** By which ways the customer can be written to. */
  ways?: Way[];
}

export type LiveQueue = Api["QueueFigures"];

export interface Snapshot extends TeamParts {
  me?: unknown;
  activities: Record<Id, Activity>;
  queues: Record<Id, Queue>;
  workers: Record<Id, Worker>;
  tasks: Record<Id, Task>;
  reservations: Record<Id, Reservation>;
  conversations: Record<Id, ConversationSummary>;
  /** Own calls; a supervisor's: those of his firms. A server without voice sends none. */
  calls?: Record<Id, Call>;
  /** What others told the person at this screen and he has not seen yet. */
  memos?: Record<Id, Memo>;
  /** Skills or capacity for a time: own ones; a supervisor's: those of his firms. */
  moves?: Record<Id, Move>;
  /** Limits by queue, for who leads. */
  alerts?: Record<Id, Alert>;
}

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  details?: Record<string, unknown>;
}
