/** Ready replies as their authors see them: read, kept, removed, restored. */
import { get, post, put, remove } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import { create } from "zustand";
import { attempt } from "../data/actions.ts";

export interface Text {
  id: Id;
  shortcut: string;
  title: string;
  /** Sources by language. */
  texts: Record<string, string>;
  firm_id: Id | null;
  queue_id: Id | null;
  version: number;
  changed_by: string;
  changed_at: string;
}

export interface Version {
  version: number;
  shortcut: string;
  title: string;
  texts: Record<string, string>;
  changed_by: string;
  changed_at: string;
}

export type Draft = Pick<Text, "shortcut" | "title" | "texts" | "firm_id" | "queue_id">;

interface Told {
  items: Text[];
  languages: string[];
  variables: string[];
}

export const useReplyTexts = create<{ told: Told | null }>(() => ({ told: null }));

export async function loadReplies(): Promise<void> {
  const told = await attempt(get<Told>("/replies"));
  if (told) useReplyTexts.setState({ told });
}

/** Raises the refusal, so that the form shows it at its field. */
export async function keepReply(draft: Draft, before: Text | null): Promise<Text> {
  const kept = before
    ? await put<Text>(`/replies/${before.id}`, { ...draft, version: before.version })
    : await post<Text>("/replies", draft);
  await loadReplies();
  return kept;
}

export async function removeReply(id: Id): Promise<boolean> {
  const done = await attempt(remove(`/replies/${id}`).then(() => true));
  if (done) await loadReplies();
  return done === true;
}

export async function restoreReply(id: Id): Promise<void> {
  if (await attempt(post<Text>(`/replies/${id}/restore`))) await loadReplies();
}

export const versionsOf = (id: Id) => attempt(get<{ items: Version[] }>(`/replies/${id}/versions`));

/** What a title suggests as shortcut: « Retard de livraison » gives retard-de-livraison. */
export const shortcutOf = (title: string): string =>
  title
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");

/** What the settings call a reply: its shortcut, and its firm and queue where it has them. */
export const nameOf = (shortcut: string, firm?: string, queue?: string): string =>
  [shortcut, ...(firm || queue ? [firm ?? "*"] : []), ...(queue ? [queue] : [])].join(" / ");
