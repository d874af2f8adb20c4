/** What travels between widget and server: the shapes of /api/v1/webchat/{key}/... and of its socket. */

export type Language = "en" | "fr";

export interface Texts {
  title?: string;
  greeting?: string;
  privacy?: string;
}

export interface Config {
  /** The firm's name. */
  name: string;
  languages: string[];
  language: string;
  accent: string | null;
  texts: Texts;
  privacy_url: string | null;
  open: boolean;
  next_opening_at: string | null;
  reply_seconds: number | null;
  /** The firm's line for calls from the page; none where nobody answers calls. */
  call_line?: string | null;
  /** Path of the firm's help centre, when it is open. */
  help?: string | null;
  text_max: number;
  file_bytes_max: number;
  file_types: string[];
}

export interface Attachment {
  id: string;
  name: string;
  size: number;
  content_type: string;
}

export interface Message {
  id: string;
  /** Its place in the conversation, from 1. */
  number: number;
  client_id: string | null;
  author: { kind: "customer" | "agent" | "bot" | "system"; name: string };
  text: string;
  attachments: Attachment[];
  at: string;
}

export interface Conversation {
  id: string;
  status: "waiting" | "kept" | "active" | "parked" | "closed" | "not_served";
  agent: { name: string; initials: string } | null;
  /** Exact place in the queue, 1 = next. Null when not waiting, or when saying it would make it rise. */
  position: number | null;
  /** The adviser has read up to this message, the visitor up to that one. */
  read_number: number;
  seen_number: number;
}

export interface Snapshot {
  conversation: Conversation | null;
  messages: Message[];
}

export type ServerFrame =
  | { type: "welcome"; data: Snapshot }
  | { type: "message.added"; data: { message: Message } }
  | { type: "message.read"; data: { number: number } }
  | { type: "conversation.updated"; data: { conversation: Conversation } }
  | { type: "typing"; data: { name: string } }
  | { type: "resync" }
  | { type: "revoked" }
  | { type: "ping" };

export interface Visit {
  visitor_token: string;
  visitor_id: string;
}

export interface Identity {
  user_id: string;
  email: string;
  name?: string;
  signature: string;
}

export interface Product {
  name?: string;
  sku?: string;
  price?: string;
  currency?: string;
  url?: string;
  [attribute: string]: string | undefined;
}

export interface PageView {
  path: string;
  title: string;
  product?: Product;
}
