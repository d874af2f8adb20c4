/** The shapes of the supervisor's floor: memos to a person, moves for a time, alerts, layouts, helpers, the day. */
import type { Id } from "./types.ts";

export type MemoKind = "state" | "moved" | "moved-back" | "message" | "whisper" | "taken";

/** What is said to one person, until he has seen it. */
export interface Memo {
  id: Id;
  kind: MemoKind;
  conversation_id: Id | null;
  by_name: string;
  text: string;
  data: { activity_id?: Id; previous_activity_id?: Id; given?: Given; until_at?: string };
  at: string;
}

export interface Given {
  /** By name: a level, true (has it), false (does not). */
  skills: Record<string, number | boolean>;
  /** Capacity by task channel. */
  channels: Record<string, number>;
}

/** Skills or capacity for a time. */
export interface Move {
  id: Id;
  worker_id: Id;
  given: Given;
  reason: string;
  by_name: string;
  until_at: string;
  status: "open" | "ended";
}

/** When a queue raises an alarm; `id` is the queue's. */
export interface Alert {
  id: Id;
  waiting: number | null;
  oldest_seconds: number | null;
  share: number | null;
}

export const SECTIONS = ["queues", "waiting", "calls", "people", "unserved"] as const;
export type Section = (typeof SECTIONS)[number];

/** How one has the Live page. */
export interface Layout {
  view: "table" | "tiles";
  order: "attention" | "skill" | "name";
  /** In their order; one left out is folded away. */
  sections: Section[];
  /** Queues to show; none: all. */
  queue_ids: Id[];
}

/** Who could help a queue, with which skill, and how many free people stay where he is now. */
export interface Helper {
  worker_id: Id;
  name: string;
  skill: string;
  left_ready: number;
}

export interface Sent {
  id: Id;
  text: string;
  at: string;
  told: number;
  seen: number;
}

export interface Day {
  worker_id: Id;
  from_at: string;
  states: { activity_id: Id; reachable: boolean; since_at: string; until_at: string | null }[];
  contacts: {
    id: Id;
    queue_id: Id | null;
    status: string;
    channel: string;
    created_at: string;
    accepted_at: string | null;
    ended_at: string | null;
  }[];
}
