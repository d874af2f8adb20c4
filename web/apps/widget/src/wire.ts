/** What travels between widget and server: the shapes of /api/v1/webchat/{key}/... and of its socket. */

export interface Texts {
  title?: string;
  greeting?: string;
  privacy?: string;
}

export interface Config {
  firm: string;
  languages: string[];
  language: string;
  accent: string | null;
  texts: Texts;
  privacy_url: string | null;
  open: boolean;
  next_opening_at: string | null;
  time_zone: string;
  reply_seconds: number | null;
  text_max: number;
  file_bytes_max: number;
  file_types: string[];
}

export interface Attachment {
  id: string;
  name: string;
  size_bytes: number;
  content_type: string;
}

export interface Message {
  id: string;
  client_id: string | null;
  author: { kind: "customer" | "agent" | "bot" | "system"; name: string };
  text: string;
  attachments: Attachment[];
  sent_at: string;
  read_at: string | null;
  /** System lines carry a code, so that each visitor reads them in his language. */
  code: string | null;
}

export interface Conversation {
  id: string;
  status: "waiting" | "active" | "parked" | "closed" | "not_served";
  agent: string | null;
  /** Exact place in the queue, 1 = next. Null when not waiting, or when saying it would make it rise. */
  position: number | null;
}

export interface Snapshot {
  conversation: Conversation | null;
  messages: Message[];
}

export type ServerFrame =
  | { type: "welcome"; data: Snapshot }
  | { type: "message.added"; data: { message: Message } }
  | { type: "message.read"; data: { message_id: string; read_at: string } }
  | { type: "conversation.updated"; data: { conversation: Conversation } }
  | { type: "typing"; data: { name: string } }
  | { type: "resync" }
  | { type: "revoked" }
  | { type: "beat" };

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
