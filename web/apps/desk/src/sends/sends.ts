/** Sends to many: what the server tells of them, and what a lead does with them. */
import type { Capabilities } from "@parlons/client/channels.ts";
import { get, newKey, post, put, remove } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import { useEffect, useState } from "react";
import { cause } from "../data/actions.ts";

export type State = "draft" | "scheduled" | "running" | "paused" | "done" | "cancelled";

export interface Words {
  text: string;
  subject: string;
  /** Name of a text the provider has approved. */
  template: string;
  values: string[];
}

export interface Segment {
  languages: string[];
  attributes: Record<string, string[]>;
  proven: boolean;
}

export interface Report {
  recipients: number;
  waiting: number;
  quiet: number;
  queued: number;
  sent: number;
  delivered: number;
  read: number;
  answered: number;
  unsubscribed: number;
  unsure: number;
  failed: Record<string, number>;
  skipped: Record<string, number>;
}

export interface Wanted {
  name: string;
  account_id: Id;
  purpose: "marketing" | "service";
  texts: Record<string, Words>;
  segment: Segment | null;
  zone: string;
  starts_at: string | null;
  per_second: number | null;
}

export interface Send extends Wanted {
  id: Id;
  firm_id: Id;
  channel: string;
  state: State;
  created_by: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  version: number;
  report: Report;
  /** Of a draft: to how many it would go now. */
  audience?: { recipients: number; skipped: Record<string, number> };
}

export interface Account {
  id: Id;
  channel: string;
  key: string;
  firm_id: Id;
  address: string;
  capabilities: Capabilities & { starts: boolean };
}

export interface Sample {
  to: string | null;
  name: string;
  language: string;
  subject: string;
  text: string;
}

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, each) => all + each, 0);

/** Whether its figures will be others in a moment. */
export const moves = ({ state, report }: Send): boolean => state === "running" || state === "scheduled" || report.queued > 0;

/** Accounts that can write to many people one by one. */
export const loadAccounts = (): Promise<Account[]> =>
  get<{ items: Account[] }>("/channels").then(({ items }) => items.filter((each) => !each.capabilities.public));

export const keepSend = (wanted: Wanted, before: Send | null): Promise<Send> =>
  before
    ? put<Send>(`/sends/${before.id}`, { ...wanted, version: before.version })
    : post<Send>("/sends", wanted, { key: newKey() });

export const removeSend = (id: Id): Promise<unknown> => remove(`/sends/${id}`);
export const step = (id: Id, what: "start" | "pause" | "resume" | "cancel"): Promise<Send> =>
  post<Send>(`/sends/${id}/${what}`, undefined, { key: newKey() });
export const sendAgain = (id: Id): Promise<{ again: number }> => post(`/sends/${id}/again`, undefined, { key: newKey() });
export const sampleOf = (id: Id, place: number): Promise<Sample> => post<Sample>(`/sends/${id}/preview`, { place });
export const trialOf = (id: Id, address: string, language: string | null): Promise<unknown> =>
  post(`/sends/${id}/trial`, { address, language }, { key: newKey() });
export const upload = (id: Id, csv: string): Promise<{ added: number; unusable: number; unusable_places: number[] }> =>
  post(`/sends/${id}/recipients`, { csv }, { key: newKey() });

export interface Told<T> {
  told: T | null;
  /** Why it could not be read, in words. */
  failed: string | null;
  put: (told: T) => void;
  again: () => Promise<void>;
}

/** Something read at once, again every `every(it)` milliseconds, and anew when `stamp` is another. */
export function useAsked<T>(path: string, every: (told: T) => number | null = () => null, stamp: unknown = null): Told<T> {
  const [told, setTold] = useState<T | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const read = (signal?: AbortSignal) =>
    get<T>(path, signal)
      .then((found) => {
        setTold(found);
        setFailed(null);
      })
      .catch((error: unknown) => signal?.aborted || setFailed(cause(error)))
      .then(() => undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew when the path or the stamp is another
  useEffect(() => {
    const leave = new AbortController();
    setTold(null);
    setFailed(null);
    void read(leave.signal);
    return () => leave.abort();
  }, [path, stamp]);
  const pause = told === null ? null : every(told);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new wait after each answer
  useEffect(() => {
    if (pause === null) return;
    const leave = new AbortController();
    const timer = setTimeout(() => void read(leave.signal), pause);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [told, failed, pause]);
  return { told, failed, put: setTold, again: () => read() };
}
