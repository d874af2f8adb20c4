/** Suggestions while writing: `/` calls for ready replies, `@` for colleagues. Focus stays in the text; the list is steered from there. */
import type { Field } from "./field.ts";
import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from "react";

export interface Token {
  /** Where the sign stands, and where the caret is. */
  from: number;
  to: number;
  query: string;
}

/** The word at the caret that begins with `sign`, at the start of the text or after a blank. It may hold blanks. */
export function tokenAt(text: string, caret: number, sign: "/" | "@"): Token | null {
  const found = new RegExp(`(?:^|\\s)${sign}((?:[^\\s${sign}][^\\n${sign}]{0,40})?)$`, "u").exec(text.slice(0, caret));
  if (!found) return null;
  const query = found[1] ?? "";
  return { from: caret - query.length - 1, to: caret, query };
}

export const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Puts `text` in place of the token as if it were typed, so that the field's own undo takes it back. */
export function replaceToken(field: HTMLTextAreaElement, token: Token, text: string): void {
  field.focus();
  field.setSelectionRange(token.from, token.to);
  const typed = document.execCommand("insertText", false, text);
  if (typed) return;
  field.setRangeText(text, token.from, token.to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

interface Asked<T> {
  id: string;
  sign: "/" | "@";
  enabled: boolean;
  text: string;
  field: RefObject<Field | null>;
  find: (query: string) => T[];
  choose: (item: T, token: Token, send: boolean) => void;
}

export interface Suggestions<T> {
  items: T[];
  active: T | undefined;
  token: Token | null;
  setAt: (index: number) => void;
  choose: (item: T) => void;
  /** Whether the press was meant for the list. */
  onKey: (event: KeyboardEvent) => boolean;
  /** To be told of each move of the caret. */
  look: () => void;
  aria: Record<string, string>;
}

export const optionId = (id: string, index: number): string => `${id}-${index}`;

export function useSuggestions<T>({ id, sign, enabled, text, field, find, choose }: Asked<T>): Suggestions<T> {
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const found = enabled ? tokenAt(text, Math.min(caret, text.length), sign) : null;
  const token = found && found.from !== dismissed ? found : null;
  const items = token ? find(token.query) : [];
  const index = Math.min(at, items.length - 1);
  const active = items[index];
  const take = (item: T, send: boolean) => {
    if (!token) return;
    setDismissed(token.from);
    choose(item, token, send);
  };
  const look = () => {
    const now = field.current?.caret ?? 0;
    if (now === caret) return;
    setCaret(now);
    setAt(0);
    if (dismissed !== null && !tokenAt(field.current?.value ?? "", now, sign)) setDismissed(null);
  };
  // A text put in by a command moves the caret without a word of its own from the browser.
  useLayoutEffect(look, [text]);
  const onKey = (event: KeyboardEvent): boolean => {
    if (!token || !active || event.nativeEvent.isComposing) return false;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by) setAt((index + by + items.length) % items.length);
    else if (event.key === "Enter" && !event.shiftKey) take(active, event.ctrlKey || event.metaKey);
    else if (event.key === "Tab" && !event.shiftKey) take(active, false);
    else if (event.key === "Escape") setDismissed(token.from);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    if (by) document.getElementById(optionId(id, (index + by + items.length) % items.length))?.scrollIntoView({ block: "nearest" });
    return true;
  };
  const aria = active
    ? { "aria-autocomplete": "list", "aria-controls": id, "aria-activedescendant": optionId(id, index), "aria-haspopup": "listbox" }
    : {};
  return { items, active, token, setAt, choose: (item) => take(item, false), onKey, look, aria: aria as Record<string, string> };
}
