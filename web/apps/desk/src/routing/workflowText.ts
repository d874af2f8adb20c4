/** A workflow as text, as the configuration file has it, and back. Pure. What does not fit is said with its line. */
import { parseDocument, stringify } from "yaml";
import { emptyTarget, type Filter, type Target, type Workflow } from "./model.ts";

const TARGET = Object.keys(emptyTarget(null)) as (keyof Target)[];
const NUMBERS = ["priority", "timeout_seconds"];

export interface Wrong {
  line: number | null;
  message: string;
  /** The word at fault, for the sentence that says what is wrong. */
  word?: string;
}

const bare = (target: Target) => Object.fromEntries(TARGET.flatMap((key) => (target[key] === null ? [] : [[key, target[key]]])));

/** The text of what leads tasks; name and firm stand in fields of their own. */
export function toText(workflow: Workflow): string {
  const { filters, default_queue, reservation_timeout_seconds } = workflow;
  const shown = {
    reservation_timeout_seconds,
    filters: filters.map(({ name, when, targets }) => ({ name, when, targets: targets.map(bare) })),
    ...(default_queue === null ? {} : { default_queue }),
  };
  return stringify(shown, { lineWidth: 0 }).trimEnd();
}

class Misfit extends Error {
  constructor(
    readonly code: string,
    readonly word: string,
  ) {
    super(code);
  }
}

const record = (value: unknown, word: string): Record<string, unknown> => {
  if (!value || typeof value !== "object" || Array.isArray(value)) throw new Misfit("object", word);
  return value as Record<string, unknown>;
};

const list = (value: unknown, word: string): unknown[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Misfit("list", word);
  return value;
};

const text = (value: unknown, word: string): string => {
  if (value === undefined || value === null || typeof value === "object") throw new Misfit("text", word);
  return `${value}`;
};

const whole = (value: unknown, word: string): number => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new Misfit("number", word);
  return value;
};

function only(value: Record<string, unknown>, known: readonly string[]): void {
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd !== undefined) throw new Misfit("unknown", odd);
}

function target(value: unknown): Target {
  const found = record(value, "targets");
  only(found, TARGET);
  const made: Record<string, unknown> = { ...emptyTarget(null) };
  for (const key of TARGET)
    if (found[key] !== undefined && found[key] !== null)
      made[key] = NUMBERS.includes(key) ? whole(found[key], key) : text(found[key], key);
  return made as unknown as Target;
}

function filter(value: unknown): Filter {
  const found = record(value, "filters");
  only(found, ["name", "when", "targets"]);
  return { name: text(found.name, "name"), when: text(found.when, "when"), targets: list(found.targets, "targets").map(target) };
}

/** What the text says, or what is wrong with it. */
export function fromText(source: string): Pick<Workflow, "filters" | "default_queue" | "reservation_timeout_seconds"> | Wrong {
  const document = parseDocument(source, { prettyErrors: true, stringKeys: true });
  const error = document.errors[0];
  if (error) return { line: error.linePos?.[0].line ?? null, message: "yaml" };
  try {
    const found = record(document.toJS() ?? {}, "filters");
    only(found, ["filters", "default_queue", "reservation_timeout_seconds"]);
    const queue = found.default_queue;
    const seconds = found.reservation_timeout_seconds;
    return {
      filters: list(found.filters, "filters").map(filter),
      default_queue: queue === undefined || queue === null ? null : text(queue, "default_queue"),
      reservation_timeout_seconds: seconds === undefined ? 120 : whole(seconds, "reservation_timeout_seconds"),
    };
  } catch (misfit) {
    if (!(misfit instanceof Misfit)) return { line: null, message: "yaml" };
    return { line: null, message: misfit.code, word: misfit.word };
  }
}

export const isWrong = (value: object): value is Wrong => "message" in value;
