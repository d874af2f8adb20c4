/** What the desk reads of channels: by which of them a customer can be answered, what each can carry, what became of a message. */
import type { Id } from "./types.ts";

/** What an account's messages can carry (channels/model.py). */
export interface Capabilities {
  /** Characters of one message at most; null: no limit but ours. */
  text: number | null;
  /** Counted and paid in segments, as SMS are. */
  segments: boolean;
  rich: boolean;
  subject: boolean;
  copies: boolean;
  /** Content types; or patterns such as `image/*`. */
  media: string[];
  media_bytes: number;
  files: number;
  read: boolean;
  delivered: boolean;
  templates: boolean;
  /** Seen by everybody. */
  public: boolean;
  /** One message and no more: a private answer to something public. */
  once?: boolean;
  paid: boolean;
}

/** One way to write to the customer of a conversation. */
export interface Way {
  channel: string;
  account_id: Id | null;
  /** Our own address, and its name when it has one. */
  from: string;
  /** The customer's. */
  to: string;
  capabilities: Capabilities;
  /** Until when free text may be sent; null: always. */
  open_until: string | null;
  /** Why nothing can be sent this way, a code; null: it can. */
  refusal: string | null;
}

/** A text the provider has approved, with {{1}}, {{2}} ... for its values. */
export interface Template {
  name: string;
  language: string;
  text: string;
  values: number;
}

export type DeliveryState = "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "unsure";

/** What became of a message on its way to the customer (conversations/delivering.py). */
export interface Delivery {
  id: Id;
  account_id: Id;
  state: DeliveryState;
  at: string;
  /** Why it failed or waits, in kebab case; empty: nothing to say. */
  code: string;
  /** The provider's words. */
  reason: string;
  parts: number;
  cost: string;
  /** While it waits after a failed try: until when it is tried again by itself. */
  until?: string | null;
}

/** A file that came with a message and is none of its attachments: not here yet, refused, or never got. */
export interface LostFile {
  name: string;
  state: "coming" | "refused" | "lost" | "kept";
}

/** What a message carries beside text and files (channels/content.py); only what there is stands there. */
export interface Content {
  account_id?: Id;
  /** What came when it was no text: location, sticker, ... */
  kind?: string;
  subject?: string;
  /** There is an HTML form, to be fetched by its own address. */
  html?: boolean;
  /** Some of its pictures lie on somebody's server. */
  pictures?: boolean;
  /** Its files that the page shows. */
  inside?: Id[];
  /** The conversation whose messages left below its words. */
  sent_on?: { conversation_id: Id; files: boolean };
  /** Quoted history and signature, left out of the text. */
  folded?: string;
  to?: string | string[];
  cc?: string | string[];
  /** Who else got it without being named to the others. */
  bcc?: string[];
  automatic?: boolean;
  public?: boolean;
  /** Of something public: where it stands, what it says of us, whether it can be hidden and is. */
  link?: string;
  review?: { recommends?: boolean; rating?: number; of?: number };
  hideable?: boolean;
  hidden?: boolean;
  files?: LostFile[];
}
