/** The shapes of the native API (/api/v1) and of the socket's snapshot that the desk reads. */

export type Id = string;
export type Role = "agent" | "supervisor" | "administrator";
export type LocaleName = "en" | "fr";

export interface Me {
  user: {
    id: Id;
    name: string;
    email: string;
    role: Role;
    locale: LocaleName | null;
    theme?: "light" | "dark" | "auto" | null;
    density?: "comfortable" | "compact" | null;
    sound?: boolean | null;
    letters?: boolean | null;
  };
  worker_id: Id | null;
  workspace_id: Id;
  tenant: { id: Id; name: string };
  firms: { id: Id; name: string }[];
}

export interface Activity {
  id: Id;
  name: string;
  available: boolean;
  shape?: string | null;
}

export interface Queue {
  id: Id;
  name: string;
  firm_id: Id | null;
  task_channels?: string[];
  waiting: number;
  oldest_entered_at: string | null;
  target_seconds?: number | null;
  target_share?: number | null;
}

export interface ChannelLoad {
  capacity: number;
  assigned: number;
  reserved?: number;
  available: boolean;
}

export interface Worker {
  id: Id;
  name: string;
  firm_ids?: Id[];
  activity_id: Id;
  activity_since: string;
  reachable: boolean;
  attributes?: Record<string, unknown>;
  channels?: Record<string, ChannelLoad>;
  user_id?: Id | null;
}

export type TaskStatus = "pending" | "reserved" | "assigned" | "wrapping" | "completed" | "canceled";

export interface Task {
  id: Id;
  status: TaskStatus;
  priority: number;
  queue_id: Id | null;
  workflow_id: Id | null;
  channel: string;
  conversation_id: Id | null;
  firm_id: Id | null;
  created_at: string;
  entered_queue_at: string | null;
  worker_id: Id | null;
  title?: string | null;
  attributes?: Record<string, unknown> | null;
  version?: number;
}

export interface Reservation {
  id: Id;
  task_id: Id;
  worker_id: Id;
  status: string;
  created_at: string;
  expires_at: string | null;
  queue_id: Id | null;
}

export interface ConversationSummary {
  id: Id;
  firm_id: Id;
  customer_id: Id | null;
  customer_name?: string | null;
  subject: string | null;
  status: "open" | "parked" | "closed";
  lead_task_id: Id | null;
  assigned_user_id: Id | null;
  assigned_worker_id: Id | null;
  queue_id: Id | null;
  channel?: string;
  language: string | null;
  not_served_reason: string | null;
  created_at?: string;
  last_message_at: string | null;
  last_customer_message_at: string | null;
  first_unanswered_at: string | null;
  preview?: string | null;
  preview_direction?: "in" | "out" | null;
  parked_until?: string | null;
  unread?: number;
  online?: boolean;
  version?: number;
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
  direction: "in" | "out";
  author: { kind: "customer" | "agent" | "system" | "bot"; id: Id | null; name: string | null };
  text: string;
  attachments: Attachment[];
  client_id: string | null;
  created_at: string;
  read_at?: string | null;
  language?: string | null;
  channel?: string | null;
}

export interface Note {
  id: Id;
  conversation_id?: Id;
  text: string;
  author: { id: Id | null; name: string | null };
  created_at: string;
}

export interface Touch {
  id: Id;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

export interface Journey {
  items: Touch[];
  live: { url?: string; title?: string; since?: string; picture?: string | null; facts?: string[] } | null;
}

export interface Customer {
  id: Id;
  name: string | null;
  language?: string | null;
  addresses: { kind: string; value: string; verified?: boolean }[];
  attributes?: Record<string, unknown>;
}

export interface Disposition {
  id: Id;
  name: string;
  required?: boolean;
}

export interface ConversationFull extends ConversationSummary {
  customer: Customer | null;
  legs: { id: Id; channel: string; started_at: string; ended_at: string | null }[];
  messages: Message[];
  notes: Note[];
  tags: string[];
  draft: { text: string; saved_at: string; channel?: string } | null;
  task: Task | null;
  dispositions: Disposition[];
  disposition_required?: boolean;
}

export interface LiveQueue {
  queue_id: Id;
  waiting: number;
  oldest_entered_at: string | null;
  service_level: number | null;
  target_share: number | null;
  target_seconds: number | null;
  offered: number;
  accepted_within: number;
  abandoned: number;
  ready: number;
  busy: number;
}

export interface Snapshot {
  me?: unknown;
  activities: Record<Id, Activity>;
  queues: Record<Id, Queue>;
  workers: Record<Id, Worker>;
  tasks: Record<Id, Task>;
  reservations: Record<Id, Reservation>;
  conversations: Record<Id, ConversationSummary>;
}

export interface WhyCandidate {
  worker_id: Id;
  name: string;
  eligible: boolean;
  chosen: boolean;
  reason: string | null;
  detail: string | null;
  activity_id?: Id | null;
}

export interface Why {
  task_id: Id;
  chosen_worker_id: Id | null;
  queue_id: Id | null;
  rule: string | null;
  step: number | null;
  idle: number | null;
  considered: number;
  events: { at: string; text: string; code: string; details: Record<string, unknown> }[];
  candidates: WhyCandidate[];
}

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  details?: Record<string, unknown>;
}
