/** The grid of who can do what: its columns, what stands in a cell, which rows and columns a filter leaves. Pure. */
import type { Worker } from "@parlons/client/types.ts";

export type ColumnKind = "skill" | "language" | "capacity";

export interface Column {
  key: string;
  kind: ColumnKind;
  name: string;
}

/** A level or a capacity; true: has it, without a level; null: does not have it. */
export type Value = number | true | null;

const ORDER: ColumnKind[] = ["skill", "language", "capacity"];

export const column = (kind: ColumnKind, name: string): Column => ({ key: `${kind}:${name}`, kind, name });

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

const levels = (worker: Worker): Record<string, unknown> => {
  const found = worker.attributes.levels;
  return found && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, unknown>) : {};
};

/** Every skill, language and task channel somebody has, and the columns added by hand. */
export function columnsOf(workers: readonly Worker[], added: readonly string[] = []): Column[] {
  const found: Record<ColumnKind, Set<string>> = { skill: new Set(added), language: new Set(), capacity: new Set() };
  for (const worker of workers) {
    for (const name of texts(worker.attributes.skills)) found.skill.add(name);
    for (const name of Object.keys(levels(worker))) found.skill.add(name);
    for (const name of texts(worker.attributes.languages)) found.language.add(name);
    for (const name of Object.keys(worker.channels)) found.capacity.add(name);
  }
  return ORDER.flatMap((kind) => [...found[kind]].sort((a, b) => a.localeCompare(b)).map((name) => column(kind, name)));
}

export function valueOf(worker: Worker, { kind, name }: Column): Value {
  if (kind === "capacity") return worker.channels[name]?.capacity ?? null;
  if (kind === "language") return texts(worker.attributes.languages).includes(name) ? true : null;
  const level = levels(worker)[name];
  if (typeof level === "number") return level;
  return texts(worker.attributes.skills).includes(name) ? true : null;
}

/** The worker as he is once the cell holds `value`: what the server makes of it, shown before it answers. */
export function withValue(worker: Worker, { kind, name }: Column, value: Value): Worker {
  const { attributes, channels } = worker;
  if (kind === "capacity") {
    const room = channels[name] ?? { capacity: 0, available: true, assigned: 0, reserved: 0 };
    return { ...worker, channels: { ...channels, [name]: { ...room, capacity: Number(value ?? 0) } } };
  }
  const word = kind === "skill" ? "skills" : "languages";
  const others = texts(attributes[word]).filter((each) => each !== name);
  const held = value === null ? others : texts(attributes[word]).includes(name) ? attributes[word] : [...others, name];
  const changed: Record<string, unknown> = { ...attributes, [word]: held };
  if (kind === "skill") {
    const { [name]: _, ...rest } = levels(worker);
    changed.levels = typeof value === "number" ? { ...rest, [name]: value } : rest;
  }
  return { ...worker, attributes: changed };
}

/** Without accents and capitals: `elodie` finds Élodie. */
const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

/** Those whose name holds every word of the filter. */
export function matching<T>(all: readonly T[], filter: string, name: (one: T) => string): readonly T[] {
  const words = plain(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((one) => {
    const text = plain(name(one));
    return words.every((word) => text.includes(word));
  });
}

/** How many have what a column says. */
export function holders(workers: readonly Worker[], columns: readonly Column[]): Map<string, number> {
  return new Map(
    columns.map((each) => [each.key, workers.filter((worker) => (valueOf(worker, each) ?? 0) !== 0).length] as const),
  );
}

/** What a typed text means in a cell; undefined: nothing a cell can hold. */
export function read(text: string, kind: ColumnKind): Value | undefined {
  const written = text.trim();
  if (written === "") return kind === "capacity" ? undefined : null;
  if (kind === "language") return undefined;
  return /^\d{1,4}$/.test(written) && Number(written) <= 1000 ? Number(written) : undefined;
}
