/** Calls as the desk reads them: the socket's `call` objects and what the voice routes of /api/v1 take and give. */
import type { Id } from "./types.ts";

export type CallState =
  | "ringing"
  | "menu"
  | "waiting"
  | "talking"
  | "held"
  | "consulting"
  | "wrapping"
  | "ended"
  | "parked";

export type SuperviseMode = "listen" | "whisper" | "barge" | "takeover" | "stop";

/** Somebody on the line. */
export interface Party {
  leg_id: Id;
  kind: "customer" | "agent" | "supervisor" | "outside";
  label: string;
  held: boolean;
  muted: boolean;
  /** How a supervisor takes part. */
  mode?: "listen" | "whisper" | "barge" | null;
  worker_id?: Id | null;
}

export interface Quality {
  lost_percent: number;
  jitter_ms: number;
  rtt_ms: number;
  mos: number;
}

export interface Call {
  id: Id;
  conversation_id: Id | null;
  task_id: Id | null;
  firm_id: Id;
  queue_id: Id | null;
  direction: "in" | "out" | "internal";
  state: CallState;
  worker_id: Id | null;
  from_number: string;
  number: string;
  customer_name: string;
  started_at: string;
  answered_at: string | null;
  held_since: string | null;
  recording: { state: "on" | "paused" | "off" | "failed"; told_at?: string | null };
  parties: Party[];
  quality?: Quality | null;
  /** Seconds of wrap-up that the queue gives after the call; null: as long as it takes. */
  wrap_up_seconds?: number | null;
}

export interface IceServer {
  urls: string[] | string;
  username?: string;
  credential?: string;
}

/** Where a call goes: to a person, a queue or a number. */
export interface CallTarget {
  worker_id?: Id;
  queue_id?: Id;
  number?: string;
}

export interface Recording {
  id: Id;
  call_id: Id;
  conversation_id?: Id | null;
  kind?: "call" | "voicemail";
  started_at: string;
  ms: number;
  channels: number;
  /** What is missing: (from ms, to ms, why). */
  gaps: [number, number, string][];
  retention_until?: string | null;
}

/** Loudness per slice, 0 to 1, one list a channel (customer left, agent right). */
export interface Peaks {
  ms: number;
  channels: number[][];
}

export interface VoiceStatus {
  engine_up: boolean;
  trunks: { id: Id; name: string; up: boolean; text?: string }[];
  phones: { username: string; registered: boolean; worker_id?: Id | null }[];
  /** Whether emergency numbers reach anybody. */
  emergency_route: boolean;
  /** Numbers that may be shown to whom one calls. */
  caller_numbers?: { number: string; name?: string }[];
}

export interface ContactAddress {
  kind: "browser" | "phone" | "number";
  value: string;
  ring_seconds: number;
}
