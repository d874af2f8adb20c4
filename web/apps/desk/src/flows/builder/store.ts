/** What the builder's screens share: the draft with its way back, what is chosen, what the server says of it. */
import type { Document } from "yaml";
import { create } from "zustand";
import { useSession } from "../../data/session.ts";
import { type Drafted, begun, edited, redone, undone } from "./history.ts";
import { type Draft, draftsNow, resumed, type Written } from "./drafts.ts";
import { keep } from "./keeping.ts";
import { keptDraft } from "./kept.ts";
import { type Catalogue, loadCatalogue } from "./kinds.ts";
import { laidOut, type Place, placedAt, placesOf } from "./layout.ts";
import { removed } from "./edit.ts";
import { stepsOf } from "./ports.ts";
import { check, type Live, liveOf, type Played, type Problem, type Traffic } from "./server.ts";
import { type Dict, EMPTY, isDict, same } from "./value.ts";
import { isRead, read, type Unreadable, write } from "./yaml.ts";

export type View = "picture" | "outline" | "text";
export type Panel = "step" | "play" | "problems" | "variables" | "publish";

interface Builder {
  state: "loading" | "ready" | "failed" | "missing";
  live: Live | null;
  liveFlow: Dict;
  liveDoc: Document | null;
  catalogue: Catalogue;
  draft: Drafted;
  doc: Document | null;
  /** What was typed as text and cannot be read; the draft is what could be read last. */
  broken: { text: string; fault: Unreadable } | null;
  /** When the draft that was found was kept. */
  restored: string | null;
  /** The version from which the draft began; another may be live since. */
  base: number;
  /** The server's edition of this draft; null: it has none. */
  etag: string | null;
  /** Drafts of others. */
  others: Draft[];
  /** This draft as it was changed on another machine meanwhile. */
  clash: Written | null;
  /** Where the draft could not be kept. */
  unkept: "server" | "nowhere" | null;
  laid: Map<string, Place>;
  chosen: string[];
  /** The way whose other end is asked for. */
  connecting: { step: string; port: string | null } | null;
  view: View;
  panel: Panel;
  problems: Problem[] | null;
  checkFailed: boolean;
  played: Played | null;
  traffic: Traffic | null;
}

const NO_CATALOGUE: Catalogue = { kinds: [], header: [], names: {} };

export const blank = (): Builder => ({
  state: "loading",
  live: null,
  liveFlow: EMPTY,
  liveDoc: null,
  catalogue: NO_CATALOGUE,
  draft: begun(EMPTY),
  doc: null,
  broken: null,
  restored: null,
  base: 0,
  etag: null,
  others: [],
  clash: null,
  unkept: null,
  laid: new Map(),
  chosen: [],
  connecting: null,
  view: "picture",
  panel: "step",
  problems: null,
  checkFailed: false,
  played: null,
  traffic: null,
});

export const useBuilder = create<Builder>(blank);
const { getState: now, setState: set } = useBuilder;

const person = (): string => useSession.getState().me?.user.id ?? "";

/** Reads the flow, its catalogue, and the draft this person left. */
export async function open(name: string): Promise<void> {
  set(blank());
  try {
    const [live, catalogue] = await Promise.all([liveOf(name), loadCatalogue()]);
    if (!live) return set({ state: "missing" });
    const { own, others } = await draftsNow(live.state.id);
    const { draft, etag, clash } = resumed(keptDraft(person(), live.state.id), own);
    set({ live, catalogue, etag, clash, others, base: draft?.version ?? live.state.version });
    take(live.text);
    set({ liveFlow: now().draft.flow, liveDoc: now().doc });
    if (draft && draft.text !== live.text) {
      typed(draft.text);
      set({ restored: draft.at });
    }
    if (draft === own) still();
    set({ state: "ready", laid: laidOut(catalogue, now().draft.flow) });
    void checkNow();
  } catch {
    set({ state: "failed" });
  }
}

function take(text: string): void {
  const found = read(text);
  if (isRead(found) && isDict(found.value)) set({ draft: begun(found.value), doc: found.doc, broken: null });
}

/** After a publish: what is live is what was published. */
export async function renewed(): Promise<void> {
  const name = now().live?.state.name;
  const live = name ? await liveOf(name).catch(() => null) : null;
  if (!live) return;
  const found = read(live.text);
  set({ live, liveFlow: isRead(found) && isDict(found.value) ? found.value : EMPTY, liveDoc: isRead(found) ? found.doc : null });
  keepSoon();
}

/** One edit of the draft; `field`: typing into one field is one edit. */
export function edit(flow: Dict, field: string | null = null): void {
  const before = now().draft;
  const draft = edited(before, flow, field);
  if (draft === before) return;
  moved(draft);
}

function moved(draft: Drafted): void {
  const steps = stepsOf(draft.flow);
  const { chosen, catalogue, laid } = now();
  const left = chosen.every((name) => steps.has(name)) ? chosen : chosen.filter((name) => steps.has(name));
  set({ draft, broken: null, chosen: left, laid: placesOf(catalogue, draft.flow, laid) });
  keepSoon();
}

export const undo = (): void => moved(undone(now().draft));
export const redo = (): void => moved(redone(now().draft));

/** What is typed as text: becomes the draft as far as it can be read. */
export function typed(text: string): void {
  const found = read(text);
  if (!isRead(found)) set({ broken: { text, fault: found } });
  else if (!isDict(found.value)) set({ broken: { text, fault: { line: 1, column: 1, message: "" } } });
  else {
    set({ doc: found.doc });
    edit(found.value, "text");
    set({ broken: null });
  }
  keepSoon();
}

/** As it is live, without what was drafted. */
export function discard(): void {
  const { live, liveFlow } = now();
  if (!live) return;
  const found = read(live.text);
  if (isRead(found)) set({ doc: found.doc });
  edit(liveFlow);
  set({ restored: null, broken: null, base: live.state.version });
  keepSoon();
}

let written: { flow: Dict; doc: Document | null; text: string } | null = null;

/** The draft as text; what cannot be read stays as it was typed. */
export function textNow(): string {
  const { draft, doc, broken } = now();
  if (broken) return broken.text;
  if (written?.flow !== draft.flow || written.doc !== doc) written = { flow: draft.flow, doc, text: write(draft.flow, doc) };
  return written.text;
}

let compared: { doc: Document | null; liveDoc: Document | null; other: boolean } | null = null;

/** Whether the draft is other than what is live; comments count too. */
export function changedIn({ draft, broken, doc, liveDoc, liveFlow }: Builder): boolean {
  if (broken !== null || !same(draft.flow, liveFlow)) return true;
  if (doc === liveDoc) return false;
  if (compared?.doc !== doc || compared.liveDoc !== liveDoc) compared = { doc, liveDoc, other: write(liveFlow, doc) !== write(liveFlow, liveDoc) };
  return compared.other;
}

const PAUSE_MS = 400;
let soon: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

function keepSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(keepNow, PAUSE_MS);
}

/** Nothing waits to be kept. */
function still(): void {
  clearTimeout(soon);
  soon = undefined;
}

/** Keeps the draft and asks the server what is wrong with it. */
export function keepNow(): void {
  still();
  const { live, state } = now();
  if (!live || state !== "ready") return;
  const text = textNow();
  const draft = changedIn(now()) ? text : null;
  if (draft === null) set({ base: live.state.version });
  keep({ person: person(), flow: live.state.id, text: draft, version: now().base });
  void checkNow(text);
}

export async function checkNow(text = textNow()): Promise<void> {
  const mine = ++asked;
  try {
    const { problems } = await check(text);
    if (mine === asked) set({ problems, checkFailed: false });
  } catch {
    if (mine === asked) set({ checkFailed: true });
  }
}

/** Leaves the page: what waits is kept at once. */
export function leave(): void {
  if (soon !== undefined) keepNow();
}

export const choose = (...names: string[]): void => set({ chosen: names });

/** Takes the chosen steps away and chooses one that led there, so that the focus has a place. */
export function removeChosen(): void {
  const { draft, catalogue, chosen } = now();
  if (chosen.length === 0) return;
  const next = removed(draft.flow, catalogue, chosen);
  edit(next);
  choose(...[...stepsOf(next).keys()].slice(0, 1));
}

/** Lays the picture out anew; nobody's places stay. */
export function tidy(flow: Dict): void {
  edit(flow);
  set({ laid: laidOut(now().catalogue, flow) });
}

export const placeOf = (state: Builder, name: string): Place => placedAt(stepsOf(state.draft.flow).get(name)) ?? state.laid.get(name) ?? [0, 0];
