/** The ways out of a step: where they stand in it, where they lead, and whether a contact would come to nothing there. */
import { type Catalogue, type Kind, kindOf } from "./kinds.ts";
import { at, type Dict, dictOf, isDict, listOf, type Path, textOf, type Value } from "./value.ts";

export interface Port {
  /** Below the step. */
  path: Path;
  /** `choices.1.next`, as the server names it. */
  id: string;
  /** Null: nothing is connected. */
  to: string | null;
  /** A contact comes here whatever else is set, and nothing is connected. */
  loose: boolean;
}

export const stepsOf = (flow: Dict): Dict => dictOf(flow.get("steps"));
export const kindIn = (step: Value | undefined): string => (isDict(step) ? textOf(step.get("do")) : "");

/** Every way the step may have now; those that are not connected too. */
export function portsOf(catalogue: Catalogue, step: Value | undefined): Port[] {
  const kind = kindOf(catalogue, kindIn(step));
  if (!isDict(step) || !kind) return [];
  return kind.ways.filter((way) => fits(kind, step, way)).flatMap((way) =>
    expand(step, way.split(".")).map((path) => {
      const to = textOf(at(step, path)) || null;
      return { path, id: path.join("."), to, loose: to === null && isNeeded(kind, step, path) };
    }),
  );
}

const cache = new WeakMap<Dict, { catalogue: Catalogue; ports: Port[] }>();

/** The same, remembered for a step that did not change. */
export function knownPorts(catalogue: Catalogue, step: Value | undefined): Port[] {
  if (!isDict(step)) return [];
  const known = cache.get(step);
  if (known?.catalogue === catalogue) return known.ports;
  const ports = portsOf(catalogue, step);
  cache.set(step, { catalogue, ports });
  return ports;
}

/** Those the picture draws: connected, or to be. */
export const drawn = (ports: Port[]): Port[] => ports.filter((port) => port.to !== null || port.loose);

function fits(kind: Kind, step: Dict, way: string): boolean {
  const field = kind.fields.find(({ name }) => name === way.split(".")[0]);
  return Object.entries(field?.only_when ?? {}).every(([name, values]) => {
    const fallback = kind.fields.find((each) => each.name === name)?.default;
    return values.includes(step.get(name) ?? fallback);
  });
}

function expand(value: Value, pattern: string[], before: Path = []): Path[] {
  const [part, ...rest] = pattern;
  if (part === undefined) return [before];
  if (part !== "*") return rest.length === 0 || rest[0] === "*" || at(value, [part]) !== undefined ? expand(at(value, [part]) ?? null, rest, [...before, part]) : [];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : isDict(value) ? [...value.keys()] : [];
  return keys.flatMap((key) => expand(at(value, [key]) ?? null, rest, [...before, key]));
}

/** Besides those where a person takes over: after these it may well be over. */
const MAY_END = new Set(["transfer", "survey"]);

/** Kinds that are added later have a `next` like the others; every other way of theirs may be left out. */
function isNeeded(kind: Kind, step: Dict, path: Path): boolean {
  const [first] = path;
  const own = (name: string) => textOf(step.get(name)) !== "";
  if (first === "choices" || first === "intents" || first === "yes" || first === "no") return !own("next");
  if (first === "cases" || first === "keys") return true;
  if (first === "otherwise" || first === "open" || first === "closed") return true;
  if (first === "overflow") return typeof step.get("max_waiting") === "number";
  if (first !== "next" || kind.person || MAY_END.has(kind.kind)) return first === "next" && step.get("come_back") === true;
  if (kind.kind === "understand") return false;
  if (kind.kind !== "ask") return true;
  const answer = textOf(step.get("answer")) || "choice";
  return answer !== "choice" && answer !== "yes_no";
}

export interface Edge extends Port {
  from: string;
}

/** Every way of the flow that is drawn. */
export const edgesOf = (catalogue: Catalogue, flow: Dict): Edge[] =>
  [...stepsOf(flow)].flatMap(([from, step]) => drawn(knownPorts(catalogue, step)).map((port) => ({ ...port, from })));

/** The words of a step by language; one text for all stands under "". */
export function wordsOf(step: Value | undefined, path: Path = ["text"]): Map<string, string> {
  const found = at(step, path);
  if (typeof found === "string") return new Map([["", found]]);
  return new Map([...dictOf(found)].map(([language, text]) => [language, textOf(text)]));
}

/** The words in a language, else in any. */
export function wordsIn(step: Value | undefined, language: string, path: Path = ["text"]): string {
  const words = wordsOf(step, path);
  return words.get(language) ?? words.get("") ?? [...words.values()][0] ?? "";
}

export const languagesOf = (flow: Dict): string[] => {
  const told = listOf(flow.get("languages")).map(textOf).filter(Boolean);
  return told.length ? told : [textOf(flow.get("language")) || "en"];
};
