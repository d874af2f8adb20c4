/** What an edit makes of a flow. Pure: each takes a flow and returns another. */
import { type Catalogue, kindOf } from "./kinds.ts";
import { knownPorts, languagesOf, stepsOf } from "./ports.ts";
import { at, type Dict, dictOf, drop, isDict, type Path, put, renamed, textOf, type Value, valueOf } from "./value.ts";

export const NAME = /^[A-Za-z0-9_][A-Za-z0-9_ .-]{0,63}$/;

const withSteps = (flow: Dict, steps: Dict): Dict => new Map(flow).set("steps", steps);

/** A name nobody has: `menu`, `menu_2`. */
export function freeName(flow: Dict, wanted: string): string {
  const steps = stepsOf(flow);
  const stem = wanted.replace(/_\d+$/, "").slice(0, 58) || "step";
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${stem}_${number}`;
    if (!steps.has(name)) return name;
  }
}

/** A new step of a kind at the end, with what it must have; the first of a flow is its start. */
export function added(flow: Dict, catalogue: Catalogue, kind: string, wanted = kind, place?: readonly [number, number]): [Dict, string] {
  const name = freeName(flow, wanted);
  const step = new Map<string, Value>([["do", kind]]);
  for (const field of kindOf(catalogue, kind)?.fields ?? []) if (field.required) step.set(field.name, first(flow, field.type));
  if (kind === "ask") step.set("choices", valueOf({ "1": {} }));
  if (place) step.set("at", place.map(Math.round));
  const next = withSteps(flow, new Map(stepsOf(flow)).set(name, step));
  return [stepsOf(flow).has(textOf(flow.get("start"))) ? next : new Map(next).set("start", name), name];
}

function first(flow: Dict, type: string): Value {
  if (type === "words") {
    const languages = languagesOf(flow);
    return languages.length > 1 ? new Map(languages.map((each) => [each, ""])) : "";
  }
  if (type === "mapping") return new Map();
  if (type === "list") return [];
  if (type === "number" || type === "duration") return 1;
  return type === "boolean" ? false : "";
}

/** Sets what stands at a path below a step; undefined takes it out. `step` null: below the flow itself. */
export function changed(flow: Dict, step: string | null, path: Path, value: Value | undefined): Dict {
  const full = step === null ? path : ["steps", step, ...path];
  if (value === undefined) return drop(flow, full) as Dict;
  return put(flow, full, value) as Dict;
}

/** Connects a way to a step, or to nothing. A way in a row keeps its row. */
export function connected(flow: Dict, step: string, path: Path, to: string | null): Dict {
  if (to !== null) return changed(flow, step, path, to);
  const own = at(flow, ["steps", step, ...path.slice(0, -1)]);
  if (path[0] === "keys") return changed(flow, step, path, null);
  if (path.length > 1 && isDict(own)) {
    const left = new Map(own);
    left.delete(String(path.at(-1)));
    return changed(flow, step, path.slice(0, -1), left);
  }
  return changed(flow, step, path, undefined);
}

/** Without these steps; ways to them lead nowhere, and the start moves to the step after it. */
export function removed(flow: Dict, catalogue: Catalogue, names: readonly string[]): Dict {
  const gone = new Set(names);
  const begin = textOf(flow.get("start"));
  const after = gone.has(begin) ? knownPorts(catalogue, stepsOf(flow).get(begin)).find(({ to }) => to !== null && !gone.has(to))?.to : begin;
  let next = withSteps(flow, new Map([...stepsOf(flow)].filter(([name]) => !gone.has(name))));
  for (const [name, step] of stepsOf(next))
    for (const port of knownPorts(catalogue, step)) if (port.to !== null && gone.has(port.to)) next = connected(next, name, port.path, null);
  return new Map(next).set("start", after ?? [...stepsOf(next).keys()][0] ?? "");
}

/** A step called otherwise, and everything that names it. */
export function renamedStep(flow: Dict, catalogue: Catalogue, from: string, to: string): Dict {
  if (from === to || !NAME.test(to) || stepsOf(flow).has(to)) return flow;
  let next = withSteps(flow, renamed(stepsOf(flow), from, to));
  if (next.get("start") === from) next = new Map(next).set("start", to);
  for (const [name, step] of stepsOf(next)) {
    for (const port of knownPorts(catalogue, step)) if (port.to === from) next = connected(next, name, port.path, to);
    const cases = at(step, ["cases"]);
    if (!Array.isArray(cases)) continue;
    cases.forEach((_, index) => {
      const when = textOf(at(step, ["cases", index, "when"]));
      const told = when.replaceAll(new RegExp(`\\bresult\\.${escaped(from)}(?![A-Za-z0-9_])`, "g"), `result.${to}`);
      if (told !== when) next = changed(next, name, ["cases", index, "when"], told);
    });
  }
  return next;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Steps as they are copied. */
export const copied = (flow: Dict, names: readonly string[]): Dict => new Map([...stepsOf(flow)].filter(([name]) => names.includes(name)));

const BESIDE = 40;

/** With copied steps under new names; ways among them lead to the copies, ways to steps that are not here lead nowhere. */
export function pasted(flow: Dict, catalogue: Catalogue, steps: Dict): [Dict, string[]] {
  let next = flow;
  const names = new Map<string, string>();
  for (const [name, step] of steps) {
    if (!isDict(step)) continue;
    const own = freeName(next, NAME.test(name) ? name : "step");
    names.set(name, own);
    const place = step.get("at");
    const moved = Array.isArray(place) ? put(step, ["at"], place.map((each) => Number(each) + BESIDE)) : step;
    next = withSteps(next, new Map(stepsOf(next)).set(own, moved));
  }
  for (const own of names.values())
    for (const port of knownPorts(catalogue, stepsOf(next).get(own))) {
      const to = port.to === null ? null : (names.get(port.to) ?? (stepsOf(flow).has(port.to) ? port.to : null));
      if (to !== port.to) next = connected(next, own, port.path, to);
    }
  if (names.size && !stepsOf(flow).has(textOf(flow.get("start")))) next = new Map(next).set("start", [...names.values()][0]!);
  return [next, [...names.values()]];
}

export const movedTo = (flow: Dict, places: ReadonlyMap<string, readonly [number, number]>): Dict => {
  const steps = new Map(stepsOf(flow));
  for (const [name, place] of places) if (isDict(steps.get(name))) steps.set(name, put(steps.get(name), ["at"], place.map(Math.round)));
  return withSteps(flow, steps);
};

/** Without any place: the picture lays itself out. */
export const unplaced = (flow: Dict): Dict => withSteps(flow, new Map([...stepsOf(flow)].map(([name, step]) => [name, isDict(step) && step.has("at") ? drop(step, ["at"]) : step])));

export interface Offer {
  offer: string;
  step?: string | null;
  path?: (string | number)[];
  to?: string;
  value?: unknown;
  name?: string;
  kind?: string;
  fields?: Record<string, unknown>;
  connect?: { step: string; path: (string | number)[] };
}

/** A repair that the server offers. */
export function repaired(flow: Dict, catalogue: Catalogue, offer: Offer): Dict {
  const { step = null, path = [], to, name, kind } = offer;
  if (offer.offer === "connect" && step !== null && to !== undefined) return connected(flow, step, path, to);
  if (offer.offer === "start" && to !== undefined) return new Map(flow).set("start", to);
  if (offer.offer === "remove" && step !== null) return removed(flow, catalogue, [step]);
  if (offer.offer === "unset") return changed(flow, step, path, undefined);
  if (offer.offer === "set") return changed(flow, step, path, valueOf(offer.value));
  if (offer.offer !== "add" || !kind) return flow;
  const [more, own] = added(flow, catalogue, kind, name ?? kind);
  const filled = withSteps(more, new Map(stepsOf(more)).set(own, new Map<string, Value>([["do", kind], ...dictOf(valueOf(offer.fields ?? {}))])));
  return offer.connect ? connected(filled, offer.connect.step, offer.connect.path, own) : filled;
}
