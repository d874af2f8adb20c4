/** What stands of a centre, in the words of its configuration; decides which of the six first steps are done. Pure. */

export type Language = "en" | "fr";

export interface Firm {
  name: string;
  colour?: string | null;
  languages: string[];
  usual_hours?: string | null;
}

export interface Hours {
  firm: string;
  name: string;
  zone: string;
  week: Record<string, string[]>;
}

export interface Queue {
  name: string;
  firm?: string | null;
  service_level: { within_seconds: number };
}

export interface Workflow {
  name: string;
  default_queue?: string | null;
}

export interface User {
  email: string;
  name: string;
  role: string;
}

export interface Widget {
  key: string;
  firm: string;
  origins: string[];
  texts: Partial<Record<Language, { title?: string; greeting?: string }>>;
}

export interface EntryPoint {
  channel: string;
  address: string;
  firm: string;
}

export type Kind = "firm" | "hours" | "queue" | "workflow" | "user" | "widget" | "entry_point";

/** What is configured; `firm` is the one that is set up here, the default one. */
export interface Document {
  firm: Firm;
  hours: Hours[];
  queues: Queue[];
  workflows: Workflow[];
  users: User[];
  widgets: Widget[];
  entry_points: EntryPoint[];
}

export type StepId = "firm" | "hours" | "queue" | "people" | "chat" | "call";
export const STEPS: StepId[] = ["firm", "hours", "queue", "people", "chat", "call"];

/** The name a new installation gives its firm until somebody says its own. */
const UNNAMED = "Parlons";
const WANTED_PEOPLE = 2;

export const isNamed = (firm: Firm): boolean => firm.name !== UNNAMED;

/** The firm's usual hours, else any of its. */
export function hoursOf({ firm, hours }: Document): Hours | undefined {
  const own = hours.filter((each) => each.firm === firm.name);
  return own.find((each) => each.name === firm.usual_hours) ?? own[0];
}

export const queueOf = ({ firm, queues }: Document): Queue | undefined =>
  queues.find((each) => each.firm === firm.name);

/** The workflow that leads to the firm's queue; undefined where none does yet. */
export const ruleOf = (document: Document): Workflow | undefined =>
  document.workflows.find((each) => each.default_queue === queueOf(document)?.name);

export const agentsOf = ({ users }: Document): User[] => users.filter((each) => each.role === "agent");

export const widgetOf = ({ firm, widgets }: Document): Widget | undefined =>
  widgets.find((each) => each.firm === firm.name);

/** Chats or lines of the firm that is set up. */
export const pointsOf = ({ firm, entry_points }: Document, channel: string): EntryPoint[] =>
  entry_points.filter((each) => each.channel === channel && each.firm === firm.name);

/** A line that a page can call: a word, where a number would begin with a plus. */
export const lineOf = (document: Document): string | undefined =>
  pointsOf(document, "voice").find((each) => !each.address.startsWith("+"))?.address;

export function isDone(step: StepId, document: Document): boolean {
  switch (step) {
    case "firm":
      return isNamed(document.firm);
    case "hours":
      return hoursOf(document) !== undefined;
    case "queue":
      return queueOf(document) !== undefined;
    case "people":
      return agentsOf(document).length >= WANTED_PEOPLE;
    case "chat":
      return widgetOf(document) !== undefined && pointsOf(document, "webchat").length > 0;
    case "call":
      return lineOf(document) !== undefined;
  }
}

export const openSteps = (document: Document): StepId[] => STEPS.filter((each) => !isDone(each, document));

/** A word for addresses, made of a name: small letters, digits and hyphens, at least three of them. */
export function slug(name: string): string {
  const plain = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return plain.length >= 3 ? plain : `${plain}-chat`.replace(/^-/, "");
}
