/** What callers hear: a firm's own recordings and those that are shipped; listening, keeping, removing. */
import { get, post, remove } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import { create } from "zustand";
import { attempt } from "../data/actions.ts";

export interface Prompt {
  id: Id;
  firm_id: Id | null;
  name: string;
  language: "fr" | "en" | null;
  words: string;
  seconds: number;
  updated_at: string;
}

export interface Shipped {
  name: string;
  words: { en: string; fr: string };
  /** Languages in which a person says it on this machine. */
  recorded: string[];
}

export interface Prompts {
  items: Prompt[];
  shipped: Shipped[];
  speech: { name: string; natural: boolean } | null;
  missing_packages: string[];
}

interface Told {
  prompts: Prompts | null;
  /** Which one sounds now. */
  playing: Id | null;
}

export const usePrompts = create<Told>(() => ({ prompts: null, playing: null }));
const set = usePrompts.setState;

export async function loadPrompts(): Promise<void> {
  const prompts = await attempt(get<Prompts>("/prompts"));
  if (prompts) set({ prompts });
}

let sound: HTMLAudioElement | null = null;

export function stopListening(): void {
  sound?.pause();
  sound = null;
  set({ playing: null });
}

/** Plays one, or stops it. */
export function listenTo(prompt: Prompt): void {
  const again = usePrompts.getState().playing === prompt.id;
  stopListening();
  if (again) return;
  sound = new Audio(`/api/v1/prompts/${prompt.id}/audio?${encodeURIComponent(prompt.updated_at)}`);
  sound.onended = stopListening;
  set({ playing: prompt.id });
  // Stopped before it began is no failure: saying so would take the place of an Undo.
  const begun = sound.play().catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
  void attempt(begun);
}

export interface Wanted {
  name: string;
  language: string;
  firm_id: string;
  words: string;
  file: File;
}

export async function keep({ file, ...rest }: Wanted): Promise<boolean> {
  const form = new FormData();
  for (const [name, value] of Object.entries(rest)) if (value) form.append(name, value);
  form.append("file", file);
  const kept = await attempt(post<Prompt>("/prompts", form));
  if (kept) await loadPrompts();
  return kept !== undefined;
}

/** Taken off the list at once; the server is told when it can no longer be undone. */
export function hide(id: Id): void {
  set(({ prompts }) => ({ prompts: prompts && { ...prompts, items: prompts.items.filter((each) => each.id !== id) } }));
}

export const erase = (id: Id): Promise<unknown> => attempt(remove(`/prompts/${id}`)).then(loadPrompts);
