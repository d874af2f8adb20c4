/** Queues and workflows in the words of the configuration file. */
export interface Target {
  queue: string | null;
  expression: string | null;
  order_by: string | null;
  known_worker: string | null;
  known_worker_name: string | null;
  priority: number | null;
  timeout_seconds: number | null;
  skip_if: string | null;
}

export interface Filter {
  name: string;
  when: string;
  targets: Target[];
}

export interface Workflow {
  name: string;
  firm: string | null;
  reservation_timeout_seconds: number;
  filters: Filter[];
  default_queue: string | null;
}

/** The fields that say who belongs; the others are changed by the form of all settings. */
export interface Queue {
  name: string;
  firm: string | null;
  workers: string;
  [other: string]: unknown;
}

export const emptyTarget = (queue: string | null): Target => ({
  queue,
  expression: null,
  order_by: null,
  known_worker: null,
  known_worker_name: null,
  priority: null,
  timeout_seconds: null,
  skip_if: null,
});
