/** The shapes of `why`: how a task came to whom it came to. */
import type { Id } from "./types.ts";

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
  queue_name?: string | null;
  /** False when the journal no longer reaches back to the decision. */
  complete?: boolean;
  rule: string | null;
  step: number | null;
  idle: number | null;
  considered: number;
  events: {
    at: string;
    text: string;
    code: string;
    details: Record<string, unknown>;
  }[];
  candidates: WhyCandidate[];
}
