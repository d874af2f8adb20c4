/** The order of the outline: as a contact comes to the steps, then those that no way leads to. */
import type { Catalogue } from "./kinds.ts";
import { knownPorts, stepsOf } from "./ports.ts";
import { type Dict, textOf } from "./value.ts";

export interface Line {
  name: string;
  /** How many steps lead to it from the start; steps that nothing leads to stand at the left. */
  depth: number;
  reached: boolean;
}

const DEEPEST = 6;

export function outlined(catalogue: Catalogue, flow: Dict): Line[] {
  const steps = stepsOf(flow);
  const lines: Line[] = [];
  const seen = new Set<string>();
  const open: [string, number, boolean][] = [[textOf(flow.get("start")), 0, true]];
  for (const name of [null, ...steps.keys()]) {
    if (name !== null) open.push([name, 0, false]);
    for (let next = open.pop(); next; next = open.pop()) {
      const [here, depth, reached] = next;
      if (seen.has(here) || !steps.has(here)) continue;
      seen.add(here);
      lines.push({ name: here, depth, reached });
      const ways = knownPorts(catalogue, steps.get(here)).flatMap(({ to }) => (to ? [to] : []));
      for (const to of ways.reverse()) open.push([to, Math.min(depth + 1, DEEPEST), reached]);
    }
  }
  return lines;
}
