/** The note of the wrap-up outlives the closing of its tab and a reload of the page, until the conversation is finished. */
import type { ConversationFull } from "@parlons/client/types.ts";
import { useState } from "react";

const name = (id: string): string => `parlons.note.${id}`;

function read(id: string): string | null {
  try {
    return sessionStorage.getItem(name(id));
  } catch {
    return null;
  }
}

export function forgetNote(id: string): void {
  try {
    sessionStorage.removeItem(name(id));
  } catch {
    // nothing was kept where nothing may be
  }
}

export function useKeptNote(full: ConversationFull): [string, (text: string) => void] {
  const [text, setText] = useState(() => read(full.id) ?? full.disposition_note);
  const write = (value: string) => {
    setText(value);
    try {
      sessionStorage.setItem(name(full.id), value);
    } catch {
      // a private window may refuse: the note then lives as long as the panel
    }
  };
  return [text, write];
}
