/** The note of the wrap-up is kept as drafts are, under a name of its own: on the server, for its author alone, until the
 * conversation is finished. It outlives the closing of its tab, a reload and a crash. */
import { put } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useRef, useState } from "react";
import { changeFull } from "../data/details.ts";
import { useStoring } from "../data/storing.ts";

/** Stands where drafts have their channel; no channel is called so. */
export const WRAPUP = "wrap-up";
const PAUSE_MS = 1000;

export const keptNote = (full: ConversationFull): string | undefined =>
  full.drafts.find((draft) => draft.channel === WRAPUP)?.text;

/** Keeps a note; an empty one is forgotten. */
function keep(id: string, text: string, leaving = false): Promise<unknown> {
  const draft = { conversation_id: id, channel: WRAPUP, text, saved_at: new Date().toISOString() };
  changeFull(id, (full) => ({
    ...full,
    drafts: [...full.drafts.filter((each) => each.channel !== WRAPUP), ...(text ? [draft] : [])],
  }));
  return put(`/conversations/${id}/draft`, { channel: WRAPUP, text }, { keepalive: leaving });
}

/** The conversation is finished: its note is written there. */
export const forgetNote = (id: string): Promise<unknown> => keep(id, "").catch(() => undefined);

export function useKeptNote(full: ConversationFull): [string, (text: string) => void] {
  const { id } = full;
  const [text, setText] = useState(() => keptNote(full) ?? full.disposition_note);
  const latest = useRef(text);
  const stored = useRef(text);
  const store = (leaving: boolean, again: boolean) => {
    const value = latest.current;
    if (value === stored.current && !again) return;
    stored.current = value;
    return keep(id, value, leaving).catch(() => {
      stored.current = "\u0000"; // tried again at the next pause, and when the page is left
    });
  };
  const storing = useStoring(store, PAUSE_MS);
  const write = (value: string) => {
    setText(value);
    latest.current = value;
    storing.later();
  };
  return [text, write];
}
