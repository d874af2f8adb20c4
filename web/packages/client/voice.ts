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
  mode: "listen" | "whisper" | "barge" | null;
  worker_id: Id | null;
  state: "ringing" | "talking";
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
  firm_id: Id | null;
  queue_id: Id | null;
  direction: "in" | "out" | "internal";
  state: CallState;
  worker_id: Id | null;
  from_number: string;
  number: string;
  customer_name: string;
  started_at: string;
  answered_at: string | null;
  /** Since when the agent is on it. */
  agent_at: string | null;
  queued_at: string | null;
  held_since: string | null;
  /** The end of its wrap-up's time, as the queue gives it. */
  wrap_until: string | null;
  ended_at: string | null;
  end_cause: string | null;
  recording: { state: "on" | "paused" | "off" | "failed" };
  parties: Party[];
  quality: Quality | null;
  version: number;
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
  conversation_id: Id | null;
  state: "running" | "storing" | "stored" | "failed";
  kind: "call" | "voicemail";
  started_at: string;
  ms: number;
  channels: number;
  /** What is missing: (from ms, to ms, why). */
  gaps: [number, number, string][];
  retention_until: string | null;
}

/** The loudest sample of each stretch, 0 to 100, by channel: customer, then agent. */
export interface Peaks {
  stretch_ms: number;
  left: number[];
  right: number[];
}

export interface VoiceStatus {
  engine: "up" | "down" | "off";
  trunks: { id: Id; name: string; up: boolean; emergency: boolean }[];
  /** Names of the desk phones registered now. */
  phones: string[];
  browser_registered: boolean;
  /** Whether emergency numbers reach anybody. */
  emergency_route: boolean;
  /** Numbers that may be shown to whom one calls. */
  numbers: string[];
}

export interface ContactAddress {
  kind: "browser" | "phone" | "number";
  number: string | null;
  ring_seconds: number;
}
