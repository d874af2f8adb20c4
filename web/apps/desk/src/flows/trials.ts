/** Versions of flows and trials of one: what the server tells of them, and what an administrator does with them. */
import { get, newKey, post } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { Route } from "../data/route.ts";

export const OUTCOMES = ["contained", "transferred", "left", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Trial {
  id: Id;
  flow_id: Id;
  base_version: number;
  trial_version: number;
  percent: number;
  started_at: string;
  started_by: string;
  ended_at: string | null;
  ended_by: string | null;
  ending: "to-all" | "rolled-back" | "replaced" | null;
}

export interface FlowState {
  id: Id;
  name: string;
  /** The live one. */
  version: number;
  etag: string;
  trial: Trial | null;
}

export interface Version {
  version: number;
  /** Null: from before this was written down. */
  at: string | null;
  author: string;
  note: string;
  live: boolean;
}

export interface Line {
  change: "same" | "changed" | "added" | "removed";
  before: string | null;
  after: string | null;
}

export interface Share {
  count: number;
  /** Null: nobody has ended yet. */
  share: number | null;
  low: number;
  high: number;
}

export interface Side {
  side: "base" | "trial";
  version: number;
  begun: number;
  under_way: number;
  ended: number;
  median_seconds: number | null;
  p90_seconds: number | null;
  shares: Record<Outcome, Share>;
}

export interface Difference {
  /** Trial less base. */
  value: number | null;
  low: number;
  high: number;
  /** It is larger than chance. */
  told: boolean;
}

export interface Figures {
  trial: Trial;
  sides: [Side, Side];
  differences: Record<Outcome, Difference>;
}

export const pictureOf = (name: string): Route => ({ page: "settings", section: "flows", name, edit: true });

export const placeOf = (name: string, versions: boolean): Route => ({ page: "settings", section: "flows", name, ...(versions ? { versions } : {}) });

/** Keeps a text as a version of the flow of this name, without using it. */
export async function keepVersion(name: string, text: string, note: string): Promise<Version> {
  const { items } = await get<{ items: FlowState[] }>("/flows");
  const id = items.find((each) => each.name === name)?.id ?? "-";
  return post<Version>(`/flows/${id}/versions`, { text, note }, { key: newKey() });
}

export const publish = (flow: FlowState, version: number): Promise<FlowState> =>
  post<FlowState>(`/flows/${flow.id}/versions/${version}/publish`, undefined, { match: flow.etag });

export const startTrial = (flow: FlowState, version: number, percent: number): Promise<Trial> =>
  post<Trial>(`/flows/${flow.id}/trials`, { version, percent }, { match: flow.etag, key: newKey() });

export const endTrial = (trial: Trial, how: "to-all" | "roll-back"): Promise<FlowState> =>
  post<FlowState>(`/flows/${trial.flow_id}/trials/${trial.id}/end`, { how });

export type Shown = Line | { change: "folded"; lines: number };
const AROUND = 3;

/** The lines with what stays the same folded, but for some around each change. */
export function folded(lines: Line[]): Shown[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ change }) => change !== "same"));
  const found: Shown[] = [];
  lines.forEach((line, at) => {
    if (near[at]) return found.push(line);
    const last = found.at(-1);
    if (last?.change === "folded") last.lines += 1;
    else found.push({ change: "folded", lines: 1 });
  });
  return found;
}
