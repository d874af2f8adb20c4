/** What a draft changes against another text, step by step. */
import { stepsOf } from "./ports.ts";
import { type Dict, isDict, same, type Value } from "./value.ts";

export interface FieldChange {
  field: string;
  before: Value | undefined;
  after: Value | undefined;
}

export interface StepChange {
  /** Null: the flow itself. */
  step: string | null;
  change: "added" | "removed" | "changed";
  fields: FieldChange[];
}

/** Where a step stands in the picture is no difference. */
const SILENT = new Set(["at", "steps"]);

function fieldsOf(before: Value | undefined, after: Value | undefined): FieldChange[] {
  const [one, other] = [isDict(before) ? before : new Map<string, Value>(), isDict(after) ? after : new Map<string, Value>()];
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((field) => !SILENT.has(field) && !same(one.get(field), other.get(field)))
    .map((field) => ({ field, before: one.get(field), after: other.get(field) }));
}

export function differences(before: Dict, after: Dict): StepChange[] {
  const [old, now] = [stepsOf(before), stepsOf(after)];
  const own = fieldsOf(before, after);
  const found: StepChange[] = own.length ? [{ step: null, change: "changed", fields: own }] : [];
  for (const [step, value] of now) {
    if (!old.has(step)) found.push({ step, change: "added", fields: fieldsOf(undefined, value) });
    else if (fieldsOf(old.get(step), value).length) found.push({ step, change: "changed", fields: fieldsOf(old.get(step), value) });
  }
  for (const step of old.keys()) if (!now.has(step)) found.push({ step, change: "removed", fields: [] });
  return found;
}
