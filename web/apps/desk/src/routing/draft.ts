/**
 * One configured thing while somebody edits it: what serves, what is typed, what the server says of it. A draft is kept by the
 * server until it is put to work; putting it to work names the version it began from.
 */
import { ApiError, call, get, post, remove } from "@parlons/client/http.ts";
import { useCallback, useEffect, useRef, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import type { Thing } from "../settings/fields.ts";
import { draftsKept, keepDraft } from "../settings/settings.ts";

export type Kind = "queue" | "workflow";

export interface Effects {
  queues?: { name: string; before: number; after: number; joined: string[]; left: string[] }[];
  tasks?: {
    waiting: number;
    moved: { from: string; to: string; count: number }[];
    stranded: { queue: string; count: number }[];
    ended: number;
    stranded_total: number;
  };
}

interface Served<T> {
  name: string;
  etag: string;
  thing: T;
}

interface Answer {
  name: string | null;
  etag: string | null;
  changes: unknown[];
  text: string;
  effects: Effects;
  revision: string | null;
}

/** What stands in the way of putting it to work. */
export type Trouble =
  | { kind: "refused"; text: string }
  | { kind: "meanwhile"; by: string; at: string | null }
  | { kind: "strands"; count: number };

export interface Draft<T> {
  /** Null until it is loaded. */
  thing: T | null;
  served: T | null;
  missing: boolean;
  dirty: boolean;
  busy: boolean;
  kept: boolean;
  checked: Answer | null;
  trouble: Trouble | null;
  change: (part: Partial<T>) => void;
  discard: () => void;
  reload: () => void;
  save: (acceptStranded?: number) => Promise<string | null>;
}

const CHECK_MS = 400;
const KEEP_MS = 2000;
const path = (kind: Kind, name: string) => `/settings/${kind}/${encodeURIComponent(name)}`;
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** One road for trying and doing: the header names the version. */
async function send<T>(kind: Kind, name: string, thing: T, etag: string | null, query: string): Promise<Answer> {
  return call<Answer>("PUT", `${path(kind, name)}${query}`, thing, etag ? { match: etag } : {});
}

function troubleOf(error: unknown): Trouble {
  const code = error instanceof ApiError ? error.problem.code : "";
  const details = error instanceof ApiError ? (error.problem.details ?? {}) : {};
  const text = faults(details) ?? cause(error);
  if (code === "changed-meanwhile")
    return { kind: "meanwhile", by: `${details.by ?? ""}`, at: typeof details.at === "string" ? details.at : null };
  if (code === "would-strand") return { kind: "strands", count: Number(details.stranded ?? 0) };
  return { kind: "refused", text };
}

/** Faults with their places, one a line. */
function faults(details: Record<string, unknown>): string | null {
  const found = details.faults;
  if (!Array.isArray(found) || found.length === 0) return null;
  return found
    .map(({ path: place, message, remedy }: Record<string, unknown>) => [[place, message].filter(Boolean).join(": "), remedy].filter(Boolean).join(". "))
    .join("\n");
}

/** Takes back what a revision did. */
export const undoRevision = (revision: string) => attempt(post(`/settings/revisions/${revision}/undo`));

/** What refused it, if anything did: it says where the thing is still used. */
export async function removeThing(kind: Kind, name: string, said: string, after: () => void): Promise<ApiError | null> {
  try {
    const { revision } = await call<Answer>("DELETE", path(kind, name), undefined, { match: "*" });
    after();
    toast(said, revision ? { undo: () => void undoRevision(revision).then(after) } : {}, 10);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** `fresh`: what a thing is that does not exist yet; null: it must exist. */
export function useDraft<T extends { name: string }>(kind: Kind, name: string, fresh: T | null): Draft<T> {
  const [served, setServed] = useState<Served<T> | null>(null);
  const [thing, setThing] = useState<T | null>(null);
  const [missing, setMissing] = useState(false);
  const [kept, setKept] = useState(false);
  const [busy, setBusy] = useState(false);
  const [checked, setChecked] = useState<Answer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [turn, setTurn] = useState(0);
  const begun = useRef(fresh);
  const base = served?.thing ?? begun.current;
  const etag = served?.etag ?? null;
  const dirty = thing !== null && !same(thing, base);

  /** What is typed and not yet kept, for when the page is left. */
  const typed = useRef<(() => void) | null>(null);
  useEffect(() => () => typed.current?.(), []);
  const keeping = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      await draftsKept();
      const drafts = get<{ items: { kind: string; name: string; thing: T; etag: string | null }[] }>("/settings/drafts", stop.signal);
      const found = begun.current ? null : await get<Served<T>>(path(kind, name), stop.signal).catch((error) => error);
      if (found instanceof Error && !(found instanceof ApiError)) return;
      const draft = (await drafts.catch(() => ({ items: [] }))).items.find((each) => each.kind === kind && each.name === name);
      if (stop.signal.aborted) return;
      const now = found instanceof Error ? null : (found as Served<T> | null);
      setServed(now);
      setMissing(found instanceof Error);
      const fits = draft && turn === 0 && (draft.etag === (now?.etag ?? null));
      const there = now?.thing ?? begun.current;
      setThing(fits && there ? { ...there, ...draft.thing } : there);
      setKept(Boolean(fits));
      setTrouble(null);
    };
    void load();
    return () => stop.abort();
  }, [kind, name, turn]);

  useEffect(() => {
    if (!thing || !dirty) {
      typed.current = null;
      setChecked(null);
      setTrouble(null);
      return;
    }
    let late = false;
    const check = setTimeout(() => {
      if (!thing.name.trim()) return;
      send(kind, etag ? name : thing.name, thing, etag, "?dry_run=true").then(
        (answer) => !late && (setChecked(answer), setTrouble(null)),
        (error: unknown) => !late && (setChecked(null), setTrouble(troubleOf(error))),
      );
    }, CHECK_MS);
    const write = () => {
      typed.current = null;
      return keepDraft(kind, name, thing as unknown as Thing, etag);
    };
    typed.current = () => void write().catch(() => undefined);
    keeping.current = setTimeout(() => {
      write().then(
        () => !late && setKept(true),
        () => undefined,
      );
    }, KEEP_MS);
    return () => {
      late = true;
      clearTimeout(check);
      clearTimeout(keeping.current);
    };
  }, [kind, name, thing, dirty, etag]);

  const drop = useCallback(
    () => void remove(`/settings/drafts/${kind}/${encodeURIComponent(name)}`).catch(() => undefined),
    [kind, name],
  );
  const change = useCallback((part: Partial<T>) => {
    setKept(false);
    setThing((before) => before && { ...before, ...part });
  }, []);
  const discard = () => {
    setThing(base);
    setKept(false);
    drop();
  };
  const reload = () => {
    drop();
    setTurn((before) => before + 1);
  };
  const save = async (acceptStranded?: number): Promise<string | null> => {
    if (!thing) return null;
    typed.current = null;
    clearTimeout(keeping.current);
    setBusy(true);
    await draftsKept(); // a draft that came after what it became would stay behind
    try {
      const query = acceptStranded === undefined ? "" : `?accept_stranded=${acceptStranded}`;
      const answer = await send(kind, etag ? name : thing.name, thing, etag, query);
      if (!etag) drop();
      begun.current = null;
      const now = answer.name ?? thing.name;
      setServed({ name: now, etag: answer.etag ?? "*", thing });
      setKept(false);
      return answer.revision ?? "";
    } catch (error) {
      setTrouble(troubleOf(error));
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { thing, served: served?.thing ?? null, missing, dirty, busy, kept, checked, trouble, change, discard, reload, save };
}
