/** What a condition may be about on this floor: names and values that occur, offered while one types. Nothing keeps one from others. */
import type { Worker } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useMemo } from "react";
import type { Parts } from "./condition.ts";
import type { Scope } from "./phrases.ts";

export interface Known {
  names: string[];
  values: (name: string) => string[];
  /** What a new condition begins with. */
  first: Parts;
}

const CONTACT = [
  "language", "channel", "entry", "hours", "topic", "title", "verified", "page", "product_name", "product_sku",
  "known_worker_id", "conversation_id", "firm_id",
];
const MOST = 200;

function collect(value: unknown, name: string, found: Map<string, Set<string>>): void {
  if (Array.isArray(value)) {
    const set = found.get(name) ?? new Set();
    for (const each of value) set.add(`${each}`);
    found.set(name, set);
  } else if (value && typeof value === "object")
    for (const [key, each] of Object.entries(value)) collect(each, name ? `${name}.${key}` : key, found);
  else found.set(name, (found.get(name) ?? new Set()).add(`${value}`));
}

function ofWorkers(workers: readonly Worker[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>([
    ["skills", new Set()],
    ["languages", new Set()],
  ]);
  for (const worker of workers) collect(worker.attributes, "", found);
  return found;
}

const FIRST: Record<Scope, Parts> = {
  queue: { name: "skills", op: "HAS", kind: "text", value: "" },
  filter: { name: "language", op: "==", kind: "text", value: "" },
  target: { name: "worker.skills", op: "HAS", kind: "text", value: "" },
  skip_if: { name: "workers.available", op: "==", kind: "number", value: "0" },
};

/** For a scope; `extra`: names that the workflow itself reads. */
export function useKnown(scope: Scope, extra: readonly string[] = []): Known {
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const more = extra.join(" ");
  return useMemo(() => {
    const found = ofWorkers(Object.values(workers).slice(0, MOST));
    const agents = [...found.keys()].sort();
    const contact = [...new Set([...CONTACT, ...more.split(" ").filter(Boolean)])];
    const names = {
      queue: agents,
      filter: contact,
      target: [...agents.map((name) => `worker.${name}`), ...contact.map((name) => `task.${name}`)],
      skip_if: ["workers.available", "workers.unavailable"],
    }[scope];
    const values = (name: string) => [...(found.get(name.replace(/^worker\./, "")) ?? [])].sort().slice(0, MOST);
    return { names, values, first: FIRST[scope] };
  }, [workers, scope, more]);
}
