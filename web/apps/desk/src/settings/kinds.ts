/** Where each kind of thing is set up. */

const PLACES: Record<string, string> = {
  workspace: "workspace",
  firm: "firms",
  hours: "hours",
  activity: "activities",
  task_channel: "channels",
  queue: "queues",
  workflow: "workflows",
  flow: "flows",
  role: "roles",
  user: "people",
  widget: "widgets",
  channel: "accounts",
  entry_point: "entries",
  trunk: "trunks",
  reply: "replies",
  survey: "surveys",
  intent: "intents",
  recontact: "recontact",
  lookup: "lookups",
  panel: "panels",
};

/** The section whose form shows things of this kind. */
export const sectionOf = (kind: string): string | null => PLACES[kind] ?? null;
