/** What is configured, as the server last said, and the road on which screens change it. */
import { ApiError, call, get, post, put } from "@parlons/client/http.ts";
import { create } from "zustand";
import { toast } from "../data/ui.ts";
import type { Fault, Node, Thing } from "./fields.ts";

export interface Setting {
  kind: string;
  name: string;
  etag: string;
  thing: Thing;
}

export interface Draft {
  kind: string;
  name: string;
  thing: Thing;
  etag: string | null;
  at: string;
}

export interface Change {
  kind: string;
  name: string;
  act: "add" | "change" | "remove";
  diff: Record<string, [unknown, unknown]>;
}

export interface Effects {
  queues?: { name: string; before: number; after: number; agents: string[]; joined: string[]; left: string[] }[];
  tasks?: {
    waiting: number;
    moved: { from: string; to: string; count: number }[];
    stranded: { queue: string; count: number }[];
    ended: number;
    stranded_total: number;
  };
}

export interface Changed {
  name: string | null;
  etag: string | null;
  changes: Change[];
  effects: Effects;
  revision: string | null;
  links: Record<string, string>;
}

interface Known {
  revision: string | null;
  default_firm: string;
  things: Record<string, Record<string, Setting>>;
  kinds: Record<string, Node>;
  drafts: Draft[];
}

export const useSettings = create<{ known: Known | null; failed: boolean }>(() => ({ known: null, failed: false }));

/** Reads everything anew; the schema only once. */
export async function loadSettings(): Promise<void> {
  try {
    const before = useSettings.getState().known;
    await draftsKept();
    const [settings, drafts, schema] = await Promise.all([
      get<Omit<Known, "kinds" | "drafts">>("/settings"),
      get<{ items: Draft[] }>("/settings/drafts"),
      before ? { kinds: before.kinds } : get<{ kinds: Record<string, Node> }>("/settings/schema"),
    ]);
    useSettings.setState({ known: { ...settings, kinds: schema.kinds, drafts: drafts.items }, failed: false });
  } catch {
    useSettings.setState({ failed: true });
  }
}

const place = (kind: string, name: string): string => `/settings/${kind}/${encodeURIComponent(name)}`;

interface How {
  etag: string | null;
  dryRun?: boolean;
  accept?: number;
}

const query = ({ dryRun, accept }: How): string =>
  `?dry_run=${dryRun ?? false}${accept === undefined ? "" : `&accept_stranded=${accept}`}`;

/** Makes a thing so, or says what that would do. */
export const putThing = (kind: string, name: string, thing: Thing, how: How): Promise<Changed> =>
  put<Changed>(place(kind, name) + query(how), thing, how.etag ? { match: how.etag } : {});

export const removeThing = (kind: string, name: string, how: How): Promise<Changed> =>
  call<Changed>("DELETE", place(kind, name) + query(how), undefined, how.etag ? { match: how.etag } : {});

let keeping: Promise<unknown> = Promise.resolve();

export const keepDraft = (kind: string, name: string, thing: Thing, etag: string | null): Promise<void> => {
  const kept = put<void>(`/settings/drafts/${kind}/${encodeURIComponent(name)}`, { thing, etag });
  keeping = kept.catch(() => undefined);
  return kept;
};

/** When the draft that was kept last is on the server: who reads drafts waits for it. */
export const draftsKept = (): Promise<unknown> => keeping;

export const dropDraft = (kind: string, name: string): Promise<void> =>
  call("DELETE", `/settings/drafts/${kind}/${encodeURIComponent(name)}`);

/** Takes a revision back and reads everything anew; what refuses it is said. */
export async function undoRevision(revision: string, sorry: (error: ApiError) => string): Promise<boolean> {
  try {
    await post(`/settings/revisions/${revision}/undo`);
    await loadSettings();
    return true;
  } catch (error) {
    if (error instanceof ApiError) toast(sorry(error), { tone: "bad", reference: error.reference });
    return false;
  }
}

/** The faults of a refusal, none when it is of another sort. */
export const faultsOf = (error: unknown): Fault[] =>
  error instanceof ApiError ? ((error.problem.details?.faults as Fault[] | undefined) ?? []) : [];
