/** The flow as nodes and edges of the canvas. What an edit did not touch stays the very same object: it is not drawn again. */
import type { Edge } from "@xyflow/react";
import type { Catalogue } from "./kinds.ts";
import { heightOf, type Place, placedAt, WIDTH } from "./layout.ts";
import { drawn, kindIn, knownPorts, stepsOf } from "./ports.ts";
import type { Played, Problem, Traffic } from "./server.ts";
import type { ShownPort, StepNodeType } from "./StepNode.tsx";
import { type Dict, textOf, type Value } from "./value.ts";
import { firstWords, flowLanguage, kindWord, portWord } from "./words.ts";

export interface Lit {
  steps: ReadonlySet<string>;
  /** `step port` of each way that was taken. */
  ways: ReadonlySet<string>;
}

const wayOf = (step: string, port: string): string => `${step} ${port}`;

/** The path a played contact took. */
export function litBy(played: Played | null): Lit {
  const steps = new Set<string>();
  const ways = new Set<string>();
  for (const { from, to, port, ports } of played?.path ?? []) {
    if (to !== null) steps.add(to);
    if (from !== null) for (const each of port === null ? (ports ?? []) : [port]) ways.add(wayOf(from, each));
  }
  return { steps, ways };
}

export interface Sight {
  catalogue: Catalogue;
  flow: Dict;
  laid: ReadonlyMap<string, Place>;
  chosen: readonly string[];
  stop: string | null;
  lit: Lit;
  problems: readonly Problem[];
  traffic: Traffic | null;
  locale: string;
}

/** Makes nodes and edges, and remembers those of the last time. */
export function painter() {
  let before = new Map<string, { key: string; step: Value; node: StepNodeType }>();
  let edges = new Map<string, { key: string; edge: Edge }>();
  return (sight: Sight): { nodes: StepNodeType[]; edges: Edge[] } => {
    const language = flowLanguage(sight.flow);
    const begin = textOf(sight.flow.get("start"));
    const wrong = new Map<string, "grave" | "minor">();
    for (const { step, grave } of sight.problems) if (step && (grave || !wrong.has(step))) wrong.set(step, grave ? "grave" : "minor");
    const now = new Map<string, { key: string; step: Value; node: StepNodeType }>();
    const ways = new Map<string, { key: string; edge: Edge }>();
    const steps = stepsOf(sight.flow);
    for (const [name, step] of steps) {
      const place = placedAt(step) ?? sight.laid.get(name) ?? [0, 0];
      const ports = drawn(knownPorts(sight.catalogue, step));
      const lit = ports.map(({ id }) => sight.lit.ways.has(wayOf(name, id)));
      const here = sight.traffic?.here[name] ?? 0;
      const flags = [place, name === begin, sight.chosen.includes(name), sight.stop === name, sight.lit.steps.has(name), lit, wrong.get(name), here, language, sight.locale];
      const key = JSON.stringify(flags);
      const known = before.get(name);
      now.set(name, known?.step === step && known.key === key ? known : { key, step, node: nodeOf(sight, name, step, place, { begins: name === begin, language, here, lit, wrong: wrong.get(name) ?? null }) });
      ports.forEach((port, index) => {
        if (port.to === null || !steps.has(port.to)) return;
        const id = wayOf(name, port.id);
        const count = sight.traffic ? counted(sight.traffic, name, port.to) : null;
        const edgeKey = JSON.stringify([port.to, lit[index], count]);
        const old = edges.get(id);
        ways.set(id, old?.key === edgeKey ? old : { key: edgeKey, edge: edgeOf(id, name, port.id, port.to, lit[index] ?? false, count) });
      });
    }
    before = now;
    edges = ways;
    return { nodes: [...now.values()].map(({ node }) => node), edges: [...ways.values()].map(({ edge }) => edge) };
  };
}

const counted = (traffic: Traffic, from: string, to: string): number => traffic.edges.find((edge) => edge.from === from && edge.to === to)?.count ?? 0;

function nodeOf(sight: Sight, name: string, step: Value, place: Place, more: { begins: boolean; language: string; here: number; lit: boolean[]; wrong: "grave" | "minor" | null }): StepNodeType {
  const kind = kindIn(step);
  const ports: ShownPort[] = drawn(knownPorts(sight.catalogue, step)).map((port, index) => ({ id: port.id, to: port.to, loose: port.loose, word: portWord(step, port, more.language), lit: more.lit[index] ?? false }));
  const height = heightOf(sight.catalogue, step);
  return {
    id: name,
    type: "step",
    position: { x: place[0], y: place[1] },
    width: WIDTH,
    height,
    focusable: false,
    data: {
      name, kind, kindWord: kindWord(kind), words: firstWords(sight.catalogue, step, more.language), ports,
      begins: more.begins, chosen: sight.chosen.includes(name), stop: sight.stop === name, lit: sight.lit.steps.has(name), here: more.here, wrong: more.wrong,
    },
  };
}

function edgeOf(id: string, source: string, sourceHandle: string, target: string, lit: boolean, count: number | null): Edge {
  return { id, source, sourceHandle, target, focusable: false, className: lit ? "lit" : "", ...(lit ? { zIndex: 1 } : {}), ...(count === null ? {} : { label: String(count) }) };
}
