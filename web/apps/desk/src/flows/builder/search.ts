/** Finding steps by their name, kind or any word in them. */
import { kindIn, stepsOf } from "./ports.ts";
import { type Dict } from "./value.ts";
import { textsOf } from "./variables.ts";

export const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Steps in which every word of `query` stands, those whose name begins so first. */
export function found(flow: Dict, query: string, kindWord: (kind: string) => string): string[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits = [...stepsOf(flow)].filter(([name, step]) => {
    const all = folded([name, kindWord(kindIn(step)), ...textsOf(step)].join("\n"));
    return words.every((word) => all.includes(word));
  });
  const begins = ([name]: [string, unknown]) => (folded(name).startsWith(words[0]!) ? 0 : 1);
  return hits.sort((a, b) => begins(a) - begins(b)).map(([name]) => name);
}
