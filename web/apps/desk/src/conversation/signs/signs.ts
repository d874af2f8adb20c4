/** The signs there are, with their names in one language; what was chosen lately stands first. Unicode CLDR, by emojibase (MIT). */
import type { Locale } from "@parlons/ui/format.ts";
import { plain } from "../suggesting.ts";

export interface Sign {
  sign: string;
  name: string;
  /** Name and tags, as they are searched. */
  words: string;
  group: number;
}

interface Kept {
  unicode: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
}

const load: Record<Locale, () => Promise<{ default: unknown }>> = {
  en: () => import("emojibase-data/en/compact.json"),
  fr: () => import("emojibase-data/fr/compact.json"),
};

/** Groups by CLDR's order; 2 holds only parts of signs. */
export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
/** Signs that older telephones and mail programs show as an empty box are not worth their place. */
const LATEST = 8;

export async function signsOf(locale: Locale): Promise<Sign[]> {
  const all = (await load[locale]()).default as Kept[];
  return all
    .filter((each) => each.group !== undefined && each.group !== 2)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ unicode, label, tags, group }) => ({ sign: unicode, name: label, words: plain([label, ...(tags ?? [])].join(" ")), group: group! }));
}

const MOST = 120;

/** Those that have words beginning with each that was typed, the one of just this name first; nothing typed: one group. */
export function found(signs: Sign[], query: string, group: number): Sign[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return signs.filter((each) => each.group === group);
  const begins = (text: string, word: string) => ` ${text}`.includes(` ${word}`);
  const whole = words.join(" ");
  const rank = (each: Sign) => (plain(each.name) === whole ? 0 : each.words.startsWith(whole) ? 1 : 2);
  const hits = signs.filter((each) => words.every((word) => begins(each.words, word)));
  return hits.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

const PLACE = "parlons.signs";

export function lately(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string").slice(0, LATEST) : [];
  } catch {
    return [];
  }
}

export function remember(sign: string): void {
  localStorage.setItem(PLACE, JSON.stringify([sign, ...lately().filter((each) => each !== sign)].slice(0, LATEST)));
}
