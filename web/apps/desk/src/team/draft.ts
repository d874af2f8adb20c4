/** What I have begun to write to colleagues: kept by the server two seconds after a pause, at blur, when it is left. */
import { put } from "@parlons/client/http.ts";
import { useLive } from "@parlons/sync/store.ts";
import { useRef, useState } from "react";
import { useStoring } from "../data/storing.ts";
import { readingOf } from "./discussions.ts";

const PAUSE_MS = 2000;

const keep = (id: string, text: string, leaving = false) =>
  put(`/team/discussions/${id}/draft`, { text }, { keepalive: leaving });

/** The draft of one discussion; a component that uses it has the discussion as its key. */
export function useDraft(id: string) {
  const [text, setText] = useState(() => readingOf(useLive.getState().snapshot, id).draft);
  const [keptAt, setKeptAt] = useState<string | null>(null);
  const latest = useRef(text);
  const stored = useRef<string | null>(text);
  const store = (leaving: boolean, again: boolean) => {
    const value = latest.current;
    if (value === stored.current && !again) return;
    stored.current = value;
    return keep(id, value, leaving)
      .then(() => {
        if (!leaving && stored.current === value) setKeptAt(value.trim() ? new Date().toISOString() : null);
        // Sent meanwhile: the draft must not come back after the line.
        if (value && stored.current === "") void keep(id, "").catch(() => undefined);
      })
      .catch(() => {
        stored.current = null; // tried again at the next pause, and when it is left
      });
  };
  const storing = useStoring(store, PAUSE_MS);
  const write = (value: string) => {
    setText(value);
    latest.current = value;
    setKeptAt(null);
    storing.later();
  };
  /** After sending: the server drops the draft with the line. */
  const clear = () => {
    storing.stop();
    stored.current = "";
    latest.current = "";
    setText("");
    setKeptAt(null);
  };
  return { text, write, store: storing.now, clear, keptAt };
}
