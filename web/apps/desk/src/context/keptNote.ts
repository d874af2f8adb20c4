/** The note of the wrap-up is kept as drafts are, under a name of its own: on the server, for its author alone, until the
 * conversation is finished. It outlives the closing of its tab, a reload and a crash. */
import { put } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect, useRef, useState } from "react";
import { changeFull } from "../data/details.ts";

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
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const store = (leaving = false) => {
    clearTimeout(timer.current);
    const value = latest.current;
    if (value === stored.current) return;
    stored.current = value;
    keep(id, value, leaving).catch(() => {
      stored.current = "\u0000"; // tried again at the next pause, and when the page is left
    });
  };
  const storing = useRef(store);
  storing.current = store;
  useEffect(() => {
    const leave = () => storing.current(true);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, []);
  const write = (value: string) => {
    setText(value);
    latest.current = value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => storing.current(), PAUSE_MS);
  };
  return [text, write];
}
