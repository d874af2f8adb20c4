/** Drafts live on the server: two seconds after a pause, at blur, when the page is left; nothing typed is lost. */
import { put } from "@parlons/client/http.ts";
import type { ConversationFull, Draft } from "@parlons/client/types.ts";
import { useRef, useState } from "react";
import { WRAPUP } from "../context/keptNote.ts";
import { changeFull } from "../data/details.ts";
import { useStoring } from "../data/storing.ts";
import { fromText, pictures } from "./rich/page.ts";

const PAUSE_MS = 2000;

/** The note of the wrap-up stands among the drafts and is none of the composer's. */
const isNote = (draft: { channel: string }): boolean => draft.channel === WRAPUP;

/** Words, and the same with formatting where there is some. */
export interface Words {
  text: string;
  html: string;
}

const NONE: Words = { text: "", html: "" };
const same = (a: Words, b: Words): boolean => a.text === b.text && a.html === b.html;
const empty = (words: Words): boolean => words.text === "" && words.html === "";

const keep = (id: string, channel: string, words: Words, leaving = false) =>
  put(`/conversations/${id}/draft`, { ...words, channel }, { keepalive: leaving });

/** As the editor of letters holds them. */
export const pageOf = (words: Words): string => words.html || fromText(words.text);

/** What was typed here and not sent, the latest of it. */
export const keptDraft = (full: ConversationFull): Draft | undefined =>
  full.drafts.filter((draft) => !isNote(draft)).sort((a, b) => b.saved_at.localeCompare(a.saved_at))[0];

/** The draft of one conversation; it moves along when the channel it is meant for changes. */
export function useDraft(full: ConversationFull, channel: string, enabled: boolean) {
  const kept = keptDraft(full);
  const [words, setWords] = useState<Words>({ text: kept?.text ?? "", html: kept?.html ?? "" });
  const [keptAt, setKeptAt] = useState(kept?.saved_at ?? null);
  const stored = useRef<Words | null>(words);
  const storedAs = useRef(kept?.channel ?? channel);
  const latest = useRef(words);
  latest.current = words;
  const { id } = full;

  const store = (leaving: boolean, again: boolean) => {
    const value = latest.current;
    const moved = storedAs.current !== channel && stored.current !== null && !empty(stored.current);
    if (!enabled || (stored.current && same(value, stored.current) && !moved && !again)) return;
    if (moved) void keep(id, storedAs.current, NONE, leaving).catch(() => undefined);
    stored.current = value;
    storedAs.current = channel;
    const saved_at = new Date().toISOString();
    const draft = { conversation_id: id, channel, ...value, saved_at };
    changeFull(id, (each) => ({ ...each, drafts: [...each.drafts.filter(isNote), ...(empty(value) ? [] : [draft])] }));
    return keep(id, channel, value, leaving)
      .then(() => {
        if (!leaving && stored.current === value) setKeptAt(empty(value) ? null : saved_at);
        // Sent meanwhile: the draft must not come back after the message.
        if (!empty(value) && stored.current === NONE) void keep(id, channel, NONE).catch(() => undefined);
      })
      .catch(() => {
        stored.current = null;
      });
  };
  const storing = useStoring(store, PAUSE_MS);

  const write = (text: string, html = "") => {
    latest.current = { text, html };
    setWords(latest.current);
    setKeptAt(null);
    storing.later();
  };
  /** After sending: the server drops the draft with the message. */
  const clear = () => {
    storing.stop();
    stored.current = NONE;
    latest.current = NONE;
    setWords(NONE);
    setKeptAt(null);
    changeFull(id, (each) => ({ ...each, drafts: each.drafts.filter(isNote) }));
  };
  /** What was sent and taken back, before what was written since; kept at once, for it may not be looked at any more. */
  const putBack = (taken: Words) => {
    const since = latest.current;
    if (since.text.trim() === "" && pictures(since.html).length === 0) write(taken.text, taken.html);
    else write(`${taken.text.trimEnd()}\n\n${since.text}`, taken.html || since.html ? `${pageOf(taken)}<p></p>${pageOf(since)}` : "");
    storing.now();
  };
  return { ...words, write, store: storing.now, clear, putBack, keptAt };
}
