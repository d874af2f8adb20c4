/** Drafts live on the server: two seconds after a pause, at blur, when the page is left; nothing typed is lost. */
import { put } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect, useRef, useState } from "react";
import { WRAPUP } from "../context/keptNote.ts";
import { changeFull } from "../data/details.ts";

const PAUSE_MS = 2000;

/** The note of the wrap-up stands among the drafts and is none of the composer's. */
const isNote = (draft: { channel: string }): boolean => draft.channel === WRAPUP;

export function useDraft(full: ConversationFull, enabled: boolean) {
  const kept = full.drafts.find((draft) => draft.channel === full.channel) ?? full.drafts.find((draft) => draft.channel !== WRAPUP);
  const [text, setText] = useState(kept?.text ?? "");
  const [keptAt, setKeptAt] = useState(kept?.saved_at ?? null);
  const stored = useRef(kept?.text ?? "");
  const latest = useRef(text);
  latest.current = text;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { id, channel } = full;

  const store = (leaving = false) => {
    clearTimeout(timer.current);
    const value = latest.current;
    if (!enabled || value === stored.current) return;
    stored.current = value;
    const saved_at = new Date().toISOString();
    const draft = { conversation_id: id, channel, text: value, saved_at };
    changeFull(id, (each) => ({ ...each, drafts: [...each.drafts.filter(isNote), ...(value ? [draft] : [])] }));
    put(`/conversations/${id}/draft`, { text: value }, { keepalive: leaving })
      .then(() => {
        if (!leaving && stored.current === value) setKeptAt(value ? saved_at : null);
        // Sent meanwhile: the draft must not come back after the message.
        if (value && stored.current === "") void put(`/conversations/${id}/draft`, { text: "" }).catch(() => undefined);
      })
      .catch(() => {
        stored.current = "\u0000";
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
    setKeptAt(null);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => storing.current(), PAUSE_MS);
  };
  /** After sending: the server drops the draft with the message. */
  const clear = () => {
    clearTimeout(timer.current);
    stored.current = "";
    latest.current = "";
    setText("");
    setKeptAt(null);
    changeFull(id, (each) => ({ ...each, drafts: each.drafts.filter(isNote) }));
  };
  return { text, write, store, clear, keptAt };
}
