/** A ready reply as a conversation is offered it, and how one is found by a few letters. */
import type { Id } from "@parlons/client/types.ts";
import { plain } from "./suggesting.ts";

export interface Piece {
  text: string;
  filled: boolean;
  /** The variable that has no value for this customer. */
  missing: string | null;
}

export interface Reply {
  id: Id;
  shortcut: string;
  title: string;
  language: string;
  text: string;
  pieces: Piece[];
  missing: string[];
}

/** Those in which every word of `query` stands; the shortcut counts most, then the title. */
export function found(replies: Reply[], query: string): Reply[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const rank = (each: Reply): number =>
    words.length && each.shortcut.startsWith(words[0]!) ? 0 : words.every((word) => plain(each.title).includes(word)) ? 1 : 2;
  return replies
    .filter((each) => words.every((word) => plain(`${each.shortcut} ${each.title} ${each.text}`).includes(word)))
    .sort((a, b) => rank(a) - rank(b));
}
