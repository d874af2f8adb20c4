/**
 * The chat of Parlons without its looks: for a screen of your own, in a page or in an app's web view.
 * Served as /parlons-chat.js beside these types, /parlons-chat.d.ts. How to: docs/how-to/build-your-own-chat.md.
 */

export interface Options {
  /** Where Parlons is: `https://parlons.example`. */
  origin: string;
  /** The widget's key. */
  widget: string;
  /** Of his messages and of what the system says; the browser's when none is given. */
  language?: "en" | "fr";
  /** The file of your site that imports /widget-push.js; without it there are no notifications. */
  worker?: string;
}

export interface Attachment {
  id: string;
  name: string;
  /** Bytes. */
  size: number;
  content_type: string;
}

export interface Message {
  id: string;
  /** Its place in the conversation, from 1. */
  number: number;
  /** Yours of `send`, for messages of the visitor. */
  client_id: string | null;
  author: { kind: "customer" | "agent" | "bot" | "system"; name: string };
  text: string;
  attachments: Attachment[];
  /** ISO 8601. */
  at: string;
}

/** Written here and not yet at the server: kept on the device and sent again by itself until it is. */
export interface Pending {
  client_id: string;
  text: string;
  attachments: Attachment[];
  status: "sending" | "waiting" | "failed";
}

export interface Conversation {
  id: string;
  status: "waiting" | "kept" | "active" | "parked" | "closed" | "not_served";
  agent: { name: string; initials: string } | null;
  /** Place in the queue, 1 = next; null when he does not wait, or when saying it would make it rise. */
  position: number | null;
  /** The adviser has read up to this message. */
  read_number: number;
  /** The visitor has read up to this one. */
  seen_number: number;
}

export interface Config {
  name: string;
  languages: string[];
  accent: string | null;
  texts: { title?: string; greeting?: string; privacy?: string };
  privacy_url: string | null;
  open: boolean;
  next_opening_at: string | null;
  reply_seconds: number | null;
  text_max: number;
  file_bytes_max: number;
  file_types: string[];
}

/** Who is logged in at your site, signed on your server. */
export interface Identity {
  user_id: string;
  email: string;
  name?: string;
  signature: string;
}

/** What stands in the way. `values`: what a sentence needs, such as `n` seconds or `name` and `bytes` of a file. */
export interface Notice {
  word: "lost" | "trouble" | "failed" | "too_long" | "slow_down" | "file_too_large" | "file_type" | "file_failed";
  values?: Record<string, string | number>;
}

export interface Events {
  /** A message that was not here yet: the first time the conversation is known, every message of it. */
  message: Message;
  /** Who answers, the place in the queue, the state, how far each has read. */
  conversation: Conversation | null;
  /** Somebody writes to him; null: no more. */
  typing: string | null;
  /** What waits to be sent has changed. */
  pending: readonly Pending[];
  /** `idle` until there is a visit. */
  line: "idle" | "up" | "lost";
  notice: Notice | null;
  /** Whether notifications can be offered to him, are on, or were refused by the browser. */
  push: PushState;
}

export type PushState = "offered" | "on" | "denied" | "failed" | null;

export interface ParlonsChat {
  readonly conversation: Conversation | null;
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  /** Messages of advisers and bots he has not read. */
  readonly unread: number;
  readonly line: Events["line"];
  /** Hears of one kind of news; returns what ends it. */
  on<Kind extends keyof Events>(kind: Kind, heard: (news: Events[Kind]) => void): () => void;
  /** Name, words, hours and limits. Begins no visit. */
  config(): Promise<Config>;
  /** Who he is; null when he logs out: the visit ends. Held until there is a visit. */
  identify(identity: Identity | null): Promise<void>;
  /** He consents before he has written: pages are told from now on; false: everything is forgotten here. */
  consent(given: boolean): Promise<void>;
  /** Sends a message, with files; begins the visit if there is none. Resolves with its client_id once all files have arrived. */
  send(text: string, files?: Iterable<File>): Promise<string>;
  /** Sends a failed message again. */
  again(clientId: string): void;
  /** He writes: call it at each key. */
  typing(): void;
  /** He has everything before his eyes. */
  read(): Promise<void>;
  /** The screen he looks at. */
  page(view: { path: string; title?: string; product?: Record<string, string> }): void;
  /** A message while the doors are closed. */
  leave(form: { name: string; email: string; text: string }): Promise<void>;
  /** Saves a file of a message. */
  download(file: Attachment): Promise<void>;
  readonly push: {
    readonly state: PushState;
    /** Call it from his own press: the browser asks him. */
    accept(): Promise<void>;
    refuse(): Promise<void>;
  };
  /** The line closes; the visit stays for the next `connect` in this browser. */
  close(): void;
}

/** One visitor's chat; takes up the visit of the page before. Nothing is kept or asked of the server before he writes or consents. */
export function connect(options: Options): ParlonsChat;
