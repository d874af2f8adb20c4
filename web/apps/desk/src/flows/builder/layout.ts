/** Where steps stand in the picture: where somebody put them, else where a layered drawing puts them, left to right. */
import { Graph, layout as arrange } from "@dagrejs/dagre";
import type { Catalogue } from "./kinds.ts";
import { drawn, knownPorts, stepsOf } from "./ports.ts";
import { at, type Dict, type Value } from "./value.ts";

export type Place = readonly [number, number];
export type Places = ReadonlyMap<string, Place>;

export const WIDTH = 208;
const HEAD = 62;
const ROW = 28;
const GAP = 28;
const BESIDE = 96;

export const heightOf = (catalogue: Catalogue, step: Value | undefined): number => HEAD + ROW * drawn(knownPorts(catalogue, step)).length;

/** The place that stands in the step itself. */
export function placedAt(step: Value | undefined): Place | null {
  const [x, y] = [at(step, ["at", 0]), at(step, ["at", 1])];
  return typeof x === "number" && typeof y === "number" ? [x, y] : null;
}

/** The whole flow laid out anew. */
export function laidOut(catalogue: Catalogue, flow: Dict): Map<string, Place> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: GAP, ranksep: BESIDE, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  const steps = stepsOf(flow);
  for (const [name, step] of steps) graph.setNode(name, { width: WIDTH, height: heightOf(catalogue, step) });
  for (const [name, step] of steps)
    for (const port of drawn(knownPorts(catalogue, step))) if (port.to !== null && steps.has(port.to)) graph.setEdge(name, port.to, {}, port.id);
  if (steps.size) arrange(graph);
  return new Map([...steps].map(([name, step]) => {
    const { x, y } = graph.node(name) as { x: number; y: number };
    return [name, [Math.round(x - WIDTH / 2), Math.round(y - heightOf(catalogue, step) / 2)] as const];
  }));
}

/** Places of every step: its own, else the one `laid` before, else beside the step that leads there, where nothing stands. */
export function placesOf(catalogue: Catalogue, flow: Dict, laid: Places): Map<string, Place> {
  const steps = stepsOf(flow);
  const found = new Map<string, Place>();
  const missing: string[] = [];
  for (const [name, step] of steps) {
    const place = placedAt(step) ?? laid.get(name);
    if (place) found.set(name, place);
    else missing.push(name);
  }
  if (missing.length > 0 && missing.length === steps.size) return laidOut(catalogue, flow);
  for (const name of missing) found.set(name, beside(catalogue, steps, found, name));
  return found;
}

function beside(catalogue: Catalogue, steps: Dict, found: Places, name: string): Place {
  const before = [...steps].find(([other, step]) => found.has(other) && knownPorts(catalogue, step).some(({ to }) => to === name))?.[0];
  const origin = before === undefined ? null : found.get(before);
  let place: Place = origin ? [origin[0] + WIDTH + BESIDE, origin[1]] : [24, 24];
  const height = heightOf(catalogue, steps.get(name));
  const hit = () =>
    [...found].find(([other, [x, y]]) => Math.abs(x - place[0]) < WIDTH + 12 && y < place[1] + height + 12 && place[1] < y + heightOf(catalogue, steps.get(other)) + 12);
  for (let taken = hit(); taken; taken = hit()) place = [place[0], taken[1][1] + heightOf(catalogue, steps.get(taken[0])) + GAP];
  return place;
}

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** The step an arrow leads to: along the ways to the right and back to the left, else the nearest one that way. */
export function neighbour(catalogue: Catalogue, flow: Dict, places: Places, from: string, arrow: Arrow): string | null {
  const steps = stepsOf(flow);
  if (arrow === "ArrowRight") {
    const to = knownPorts(catalogue, steps.get(from)).find((port) => port.to !== null && port.to !== from && steps.has(port.to))?.to;
    if (to) return to;
  }
  if (arrow === "ArrowLeft") {
    const before = [...steps].find(([name, step]) => name !== from && knownPorts(catalogue, step).some(({ to }) => to === from));
    if (before) return before[0];
  }
  const here = places.get(from);
  if (!here) return null;
  const across = arrow === "ArrowUp" || arrow === "ArrowDown";
  const sign = arrow === "ArrowUp" || arrow === "ArrowLeft" ? -1 : 1;
  let best: [string, number] | null = null;
  for (const [name, place] of places) {
    const along = (across ? place[1] - here[1] : place[0] - here[0]) * sign;
    const aside = Math.abs(across ? place[0] - here[0] : place[1] - here[1]);
    if (name !== from && along > 0 && (best === null || along + aside * 2 < best[1])) best = [name, along + aside * 2];
  }
  return best?.[0] ?? null;
}
