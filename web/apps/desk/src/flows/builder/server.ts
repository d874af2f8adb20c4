/** What the server says of a draft: its problems, how it would run, and how many take each way of the live version. */
import { get, post } from "@parlons/client/http.ts";
import { type FlowState, keepVersion, publish, startTrial, type Version } from "../trials.ts";
import type { Offer } from "./edit.ts";

export interface Problem {
  code: string;
  message: string;
  remedy: string;
  grave: boolean;
  path: (string | number)[];
  step: string | null;
  port: string | null;
  offers: Offer[];
}

export interface Checked {
  text: string;
  valid: boolean;
  problems: Problem[];
}

export type Act = { presses: string } | { says: string } | { waits: number } | { nobody_free: true } | { queue_full: true } | { agent_answers: true } | { hangs_up: true };

export interface Story {
  language: string;
  channel: string;
  open: boolean;
  holiday: boolean;
  number: string | null;
  variables: unknown;
  http: unknown;
  customer: unknown;
  dialled: string;
  /** The one-time code that is sent. */
  code: string;
  /** Whether a message by another way can be sent. */
  reached: boolean;
  /** Whether a survey is put. */
  surveyed: boolean;
  /** What a bot answers, one message after the other. */
  bot: unknown[];
  acts: Act[];
}

export interface PlayEvent {
  seconds: number;
  act: number;
  event: "step" | "said" | "asked" | "contact" | "branch" | "did" | "waiting" | "end";
  step?: string | null;
  kind?: string;
  text?: string;
  language?: string;
  does?: string;
  value?: unknown;
  choices?: { key: string; label: string }[];
  cases?: { when: string; held: boolean; values: Record<string, unknown> }[];
  took?: string | null;
  queue?: string | null;
  workflow?: string | null;
  why?: string;
  falls?: boolean;
  data?: Record<string, unknown>;
  result?: Record<string, unknown>;
}

export interface Taken {
  from: string | null;
  to: string | null;
  port: string | null;
  ports?: string[];
}

export interface Played {
  begun: boolean;
  events: PlayEvent[];
  path: Taken[];
  state: { at: "ask" | "take_message" | "queue" | "over" | null; step: string | null; keys: string[]; choices: { key: string; label: string }[]; queue?: string | null };
  ended: string | null;
  falls: boolean;
  seconds: number;
  cut: boolean;
  variables: Record<string, unknown>;
  told: { what: string; label: string; value: string | null }[];
}

export interface Traffic {
  version: number;
  edges: { from: string | null; to: string | null; count: number }[];
  here: Record<string, number>;
}

export interface Live {
  state: FlowState;
  text: string;
}

/** What understands speech; no provider: nothing does. */
export interface Hearing {
  provider: string | null;
  languages: string[];
  local: boolean;
  longest_seconds: number;
}

export const check = (text: string): Promise<Checked> => post<Checked>("/flows/check", { text });
export const simulate = (text: string, story: Story): Promise<Played> => post<Played>("/flows/simulate", { text, ...story });
export const hearing = (): Promise<Hearing> => get<Hearing>("/flows/transcription");
export const trafficOf = (flow: string, hours: number): Promise<Traffic> => get<Traffic>(`/flows/${flow}/traffic?hours=${hours}`);

/** What is said in a WAV file; `hints`: words that are likely. */
export function transcribe(file: File, language: string, hints: string[]): Promise<{ text: string }> {
  const form = new FormData();
  form.append("language", language);
  form.append("hints", hints.join("\n"));
  form.append("file", file);
  return post<{ text: string }>("/flows/transcribe", form);
}

/** The flow of this name with the text that answers now; null: there is none. */
export async function liveOf(name: string): Promise<Live | null> {
  const { items } = await get<{ items: FlowState[] }>("/flows");
  const state = items.find((each) => each.name === name);
  if (!state) return null;
  const { text } = await get<Version & { text: string }>(`/flows/${state.id}/versions/${state.version}`);
  return { state, text };
}

/** Keeps the draft as a version and gives it to everybody, or to a part of the customers. Refused when somebody else published. */
export async function release(live: Live, text: string, note: string, percent: number | null): Promise<number> {
  const { version } = await keepVersion(live.state.name, text, note);
  if (percent === null) await publish(live.state, version);
  else await startTrial(live.state, version, percent);
  return version;
}
