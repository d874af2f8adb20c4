/** A thing while it is edited: what was typed, kept as a draft; what the server says of it; how it is put to work. */
import { ApiError } from "@parlons/client/http.ts";
import { useCallback, useEffect, useRef, useState } from "react";
import { cause } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { type Fault, fresh, type Json, type Node, type Thing } from "./fields.ts";
import {
  type Change,
  type Changed,
  draftsKept,
  dropDraft,
  type Effects,
  faultsOf,
  keepDraft,
  loadSettings,
  putThing,
  type Setting,
  undoRevision,
  useSettings,
} from "./settings.ts";

/** Under which name the draft of a thing waits that has none yet. */
export const NEW = "+";

const SOON = 500;

export interface Clash {
  by: string;
  at: string;
}

const same = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The fields somebody changed: only they are his. */
const changedOf = (thing: Thing, base: Thing): Thing =>
  Object.fromEntries(Object.entries(thing).filter(([field, value]) => !same(value, base[field] ?? null)));

/** What a new thing begins with; `begin`: fields that are known beforehand. */
function empty(node: Node, begin: Thing): Thing {
  const all = Object.entries(node.properties ?? {}).map(([name, each]) => [name, fresh(each, node.$defs)]);
  return { ...Object.fromEntries(all), ...begin };
}

export function useThing(kind: string, setting: Setting | null, node: Node, begin: Thing, saved: (name: string, links: Record<string, string>) => void) {
  const { t } = useTexts();
  const name = setting?.name ?? NEW;
  const draft = useRef(
    useSettings.getState().known?.drafts.find((each) => each.kind === kind && each.name === name),
  ).current;
  const [base, setBase] = useState<Thing>(() => setting?.thing ?? empty(node, begin));
  const [thing, setThing] = useState<Thing>(() => ({ ...base, ...draft?.thing }));
  const [etag, setEtag] = useState(() => (draft ? draft.etag : (setting?.etag ?? null)));
  const [faults, setFaults] = useState<Fault[]>([]);
  const [effects, setEffects] = useState<Effects | null>(null);
  /** What names it and would change with it. */
  const [along, setAlong] = useState<Change[]>([]);
  const [clash, setClash] = useState<Clash | null>(null);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [touched, setTouched] = useState(false);
  /** Counts how often the whole form was filled anew: its fields begin again then. */
  const [filled, setFilled] = useState(0);
  const saving = useRef(false);
  const dirty = !same(thing, base);

  /** What is typed and not yet kept, for when the page is left. */
  const typed = useRef<(() => void) | null>(null);
  useEffect(() => () => typed.current?.(), []);

  const refused = useCallback(
    (error: unknown) => {
      if (!(error instanceof ApiError)) return;
      setFaults(faultsOf(error));
      setClash(error.problem.code === "changed-meanwhile" ? (error.problem.details as unknown as Clash) : null);
      setRefusal(faultsOf(error).length || error.problem.code === "changed-meanwhile" ? null : error);
    },
    [],
  );

  useEffect(() => {
    if (!dirty) {
      typed.current = null;
      setFaults([]);
      setEffects(null);
      if (touched) void dropDraft(kind, name);
      return;
    }
    let gone = false;
    const keep = () => {
      typed.current = null;
      if (touched) keepDraft(kind, name, changedOf(thing, base), etag).catch(() => undefined);
    };
    typed.current = keep;
    const soon = setTimeout(async () => {
      if (saving.current) return;
      keep();
      try {
        const tried = await putThing(kind, setting?.name ?? keyOf(kind, thing), thing, { etag, dryRun: true });
        if (gone) return;
        setFaults([]);
        setClash(null);
        setRefusal(null);
        setEffects(tried.effects);
        setAlong(tried.changes.filter((each) => each.act === "change" && !(each.kind === kind && each.name === tried.name)));
      } catch (error) {
        if (!gone && (setting || touched)) refused(error);
      }
    }, SOON);
    return () => {
      gone = true;
      clearTimeout(soon);
    };
  }, [kind, name, setting, thing, base, etag, dirty, touched, refused]);

  const done = async (changed: Changed) => {
    if (!setting) await dropDraft(kind, NEW);
    await loadSettings();
    const kept = changed.name ? useSettings.getState().known?.things[kind]?.[changed.name] : undefined;
    if (kept) {
      setBase(kept.thing);
      setThing(kept.thing);
      setEtag(kept.etag);
      setFilled((count) => count + 1);
    }
    const { revision } = changed;
    const undo = revision ? { undo: () => void undoRevision(revision, cause) } : {};
    toast(t("settings.saved", { name: changed.name ?? "" }), undo, 10);
    setTouched(false);
    if (changed.name && changed.name !== setting?.name) saved(changed.name, changed.links);
  };

  const save = async (accept?: number) => {
    setBusy(true);
    saving.current = true;
    typed.current = null;
    await draftsKept(); // a draft that came after what it became would stay behind
    try {
      const called = setting?.name ?? keyOf(kind, thing);
      await done(await putThing(kind, called, thing, accept === undefined ? { etag } : { etag, accept }));
      setRefusal(null);
    } catch (error) {
      refused(error);
    } finally {
      saving.current = false;
      setBusy(false);
    }
  };

  return {
    thing,
    faults,
    effects,
    along,
    clash,
    refusal,
    busy,
    dirty,
    draft,
    filled,
    save,
    change: (next: Thing) => {
      setTouched(true);
      setThing(next);
    },
    /** Throws away what was typed. */
    discard: async () => {
      await dropDraft(kind, name);
      await loadSettings();
      const now = setting ? useSettings.getState().known?.things[kind]?.[setting.name] : undefined;
      const next = now?.thing ?? empty(node, begin);
      setBase(next);
      setThing(next);
      setEtag(now?.etag ?? null);
      setTouched(false);
      setClash(null);
      setRefusal(null);
      setFilled((count) => count + 1);
    },
    /** Keeps the fields that were typed, on top of what somebody else saved meanwhile. */
    insist: async () => {
      const mine = changedOf(thing, base);
      await loadSettings();
      const theirs = setting ? useSettings.getState().known?.things[kind]?.[setting.name] : undefined;
      const next = theirs?.thing ?? base;
      setBase(next);
      setThing({ ...next, ...mine });
      setEtag(theirs?.etag ?? null);
      setClash(null);
      setFilled((count) => count + 1);
    },
  };
}

/** What the server calls a thing among those of its kind. */
export function keyOf(kind: string, thing: Thing): string {
  if (kind === "workspace") return "workspace";
  if (kind === "hours") return `${thing.firm} / ${thing.name}`;
  if (kind === "channel") return `${thing.channel} ${thing.key}`;
  if (kind === "entry_point") return `${thing.channel} ${thing.address}`;
  return String((kind === "user" ? thing.email : kind === "widget" ? thing.key : thing.name) || NEW);
}
