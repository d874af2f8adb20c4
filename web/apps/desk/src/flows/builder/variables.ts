/** Variables of a flow: which step sets one, which reads it. */
import type { Catalogue, Field } from "./kinds.ts";
import { kindOf } from "./kinds.ts";
import { kindIn, stepsOf } from "./ports.ts";
import { at, type Dict, dictOf, isDict, textOf, type Value } from "./value.ts";

export interface Variable {
  name: string;
  /** Steps; null: the flow sets it at the beginning. */
  set: (string | null)[];
  used: string[];
  /** Nobody sets it: the contact may bring it. */
  brought: boolean;
}

const IN_TEXT = /\{([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z0-9_]+)*\}/g;
const NOT_TEXT = /'[^']*'|"[^"]*"/g;
const WORD = /(?<![.\w])[A-Za-z_][A-Za-z0-9_]*/g;
const RESERVED = new Set(["and", "or", "not", "in", "has", "contains", "like", "is", "null", "true", "false", "between", "result", "exists"]);

export function variablesOf(catalogue: Catalogue, flow: Dict): Variable[] {
  const set = new Map<string, Set<string | null>>();
  const used = new Map<string, Set<string>>();
  const note = (where: Map<string, Set<string | null>>, name: string, step: string | null) => where.set(name, (where.get(name) ?? new Set()).add(step));
  for (const name of dictOf(flow.get("variables")).keys()) note(set, name, null);
  for (const [name, step] of stepsOf(flow)) {
    if (!isDict(step)) continue;
    for (const each of namesSet(catalogue, step)) note(set, each, name);
    for (const each of namesUsed(catalogue, step)) note(used as Map<string, Set<string | null>>, each, name);
  }
  return [...new Set([...set.keys(), ...used.keys()])].sort().map((name) => ({ name, set: [...(set.get(name) ?? [])], used: [...(used.get(name) ?? [])], brought: !set.has(name) }));
}

function namesSet(catalogue: Catalogue, step: Dict): string[] {
  const fields = kindOf(catalogue, kindIn(step))?.fields ?? [];
  const own = fields.filter(({ type }) => type === "variable").map((field) => textOf(step.get(field.name)) || (step.has(field.name) ? "" : textOf(field.default as Value)));
  const values = kindIn(step) === "set" ? [...dictOf(step.get("values")).keys()] : [];
  return [...own, ...values].filter(Boolean);
}

function namesUsed(catalogue: Catalogue, step: Dict): Set<string> {
  const found = new Set<string>();
  for (const text of textsOf(step)) for (const [, name] of text.matchAll(IN_TEXT)) found.add(name!);
  for (const text of expressionsOf(kindOf(catalogue, kindIn(step))?.fields ?? [], step))
    for (const [name] of text.replace(NOT_TEXT, "").matchAll(WORD)) if (!RESERVED.has(name.toLowerCase())) found.add(name);
  return found;
}

/** Every text in a value, however deep. */
export function* textsOf(value: Value | undefined): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const each of value) yield* textsOf(each);
  else if (isDict(value)) for (const each of value.values()) yield* textsOf(each);
}

function* expressionsOf(fields: readonly Field[], value: Value): Generator<string> {
  for (const field of fields) yield* ofField(field, at(value, [field.name]));
}

function* ofField(field: Omit<Field, "name">, value: Value | undefined): Generator<string> {
  if (value === undefined || value === null) return;
  if (field.type === "expression") yield textOf(value);
  if (field.fields) yield* expressionsOf(field.fields, value);
  if (field.of && (Array.isArray(value) || isDict(value))) for (const each of value.values()) yield* ofField(field.of, each);
}
