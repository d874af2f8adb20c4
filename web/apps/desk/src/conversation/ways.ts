/** What the composer offers for a way of writing, decided by the account's capabilities alone. Pure. */
import type { Capabilities, Way } from "@parlons/client/channels.ts";

/** The longest text the server keeps. */
export const LONGEST = 8000;

/** The chat of the site, which every conversation begins with as far as the composer is concerned. */
export const CHAT: Capabilities = {
  text: LONGEST,
  segments: false,
  rich: false,
  subject: false,
  copies: false,
  media: ["*/*"],
  media_bytes: 10 * 1024 * 1024,
  files: 10,
  read: true,
  delivered: true,
  templates: false,
  public: false,
  paid: false,
};

/** Whether free text may be sent, only an approved template, or nothing at all. */
export type Freedom = "free" | "template" | "none";

export function freedom(way: Way, now: number): Freedom {
  if (way.refusal) return "none";
  if (way.open_until === null || Date.parse(way.open_until) > now) return "free";
  return way.capabilities.templates ? "template" : "none";
}

/** Characters too many, 0 when it fits. */
export const over = (text: string, able: Capabilities): number =>
  Math.max(0, text.length - Math.min(able.text ?? LONGEST, LONGEST));

const fits = (type: string, pattern: string): boolean =>
  pattern === "*/*" || pattern === type || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));

export type FileFault = "kind" | "size" | "count";

/** Why a file cannot go this way; null: it can. A browser that does not know its type leaves the judgement to the server. */
export function fileFault(file: { type: string; size: number }, at: number, able: Capabilities): FileFault | null {
  if (at >= able.files) return "count";
  if (file.type && !able.media.some((each) => fits(file.type, each))) return "kind";
  return file.size > able.media_bytes ? "size" : null;
}

/** For the file chooser; undefined: everything. */
export const accepted = (able: Capabilities): string | undefined =>
  able.media.includes("*/*") ? undefined : able.media.join(",");

/** The way a conversation is answered unless the agent chooses another: by the customer's last message, else the first open one. */
export function usual(ways: Way[], last: { channel: string; account_id?: string | null } | null, now: number): Way | null {
  const same = ways.filter((each) => each.channel === last?.channel);
  const exact = same.find((each) => each.account_id === (last?.account_id ?? null)) ?? same[0];
  if (exact && freedom(exact, now) !== "none") return exact;
  // What was private never becomes public by itself.
  const discreet = (each: Way) => !each.capabilities.public || exact?.capabilities.public === true;
  return ways.find((each) => freedom(each, now) === "free" && discreet(each)) ?? exact ?? ways.find(discreet) ?? ways[0] ?? null;
}

/** By which one writes to somebody one talks with, or has just talked with: to his telephone before all else. */
export function besideCall(ways: Way[], phones: string[], now: number): Way | null {
  const free = ways.filter((each) => freedom(each, now) === "free");
  return free.find((each) => phones.includes(each.to)) ?? free[0] ?? null;
}

/** The ways that need nobody at the other end: all but the page he looks at. */
export const posted = (ways: Way[]): Way[] => ways.filter((each) => each.account_id !== null);

/** A template's text with the values there are. */
export const filled = (text: string, values: string[]): string =>
  text.replace(/\{\{\s*(\d{1,2})\s*\}\}/g, (whole, number) => values[Number(number) - 1] || whole);

/** A template's text in its pieces: what is said, and which value is still missing. */
export function pieces(text: string, values: string[]): { text: string; missing?: number }[] {
  return text.split(/(\{\{\s*\d{1,2}\s*\}\})/).flatMap((piece) => {
    const number = Number(/^\{\{\s*(\d{1,2})\s*\}\}$/.exec(piece)?.[1]);
    if (!number) return piece ? [{ text: piece }] : [];
    const value = values[number - 1];
    return [value ? { text: value } : { text: piece, missing: number }];
  });
}

export const wayKey = (way: Way): string => `${way.channel}|${way.account_id ?? ""}|${way.to}`;

/** Re: once, whatever stands before it. */
export function answered(subject: string): string {
  const bare = subject.replace(/^(\s*(re|rép|tr|fwd?|aw|sv)\s*(\[\d+\])?\s*:\s*)+/i, "").trim();
  return bare ? `Re: ${bare}` : "";
}

/** Addresses of a line, as typed with commas, semicolons or blanks between them; `wrong` are none. */
export function addresses(line: string): { good: string[]; wrong: string[] } {
  const all = [...new Set(line.split(/[\s,;]+/).filter(Boolean))];
  const isOne = (each: string) => /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(each);
  return { good: all.filter(isOne), wrong: all.filter((each) => !isOne(each)) };
}
