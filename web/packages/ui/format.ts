/**
 * Times, durations and numbers as the desk writes them. Geist has no U+202F nor U+2009, which Intl puts into French
 * numbers: they would fall back to a hair space of another font, so every helper turns them into U+00A0.
 */

export type Locale = "en" | "fr";

const TAG: Record<Locale, string> = { en: "en-GB", fr: "fr-FR" };

/** Replaces the spaces Geist cannot draw. */
export function safe(text: string): string {
  return text.replace(/[\u202f\u2009]/g, "\u00a0");
}

/** 0:38, 12:41, 2 h 40; never negative. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  if (total >= 3600)
    return `${Math.floor(total / 3600)}\u00a0h\u00a0${String(Math.floor((total % 3600) / 60)).padStart(2, "0")}`;
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
}

/** A duration for meta lines: 0:38 under a minute, then 4 min, 2 h 40, 3 d. */
export function rough(seconds: number, locale: Locale): string {
  const total = Math.max(0, Math.floor(seconds));
  if (total < 60) return duration(total);
  if (total < 3600) return `${Math.floor(total / 60)}\u00a0min`;
  if (total < 86400) return duration(total);
  return `${Math.floor(total / 86400)}\u00a0${locale === "fr" ? "j" : "d"}`;
}

/** 14:06 on a 24-hour clock. */
export function time(at: string | number, locale: Locale): string {
  return new Date(at).toLocaleTimeString(TAG[locale], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

/** 14:06:52, for a live page. */
export function timeSeconds(at: string | number, locale: Locale): string {
  return new Date(at).toLocaleTimeString(TAG[locale], {
    timeStyle: "medium",
    hourCycle: "h23",
  });
}

/** 12 sept. within the year, 12 sept. 2024 before. */
export function day(at: string | number, locale: Locale, now: number = Date.now()): string {
  const date = new Date(at);
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return safe(
    date.toLocaleDateString(TAG[locale], {
      day: "numeric",
      month: "short",
      year,
    }),
  );
}

/** The time today, the day otherwise. */
export function when(at: string | number, locale: Locale, now: number = Date.now()): string {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  return same ? time(at, locale) : day(at, locale, now);
}

/** A word before what it names: French sets a space before the colon. */
export const before = (word: string, locale: Locale): string => (locale === "fr" ? `${word}\u00a0:` : `${word}:`);

/** Monday 09:00, lundi 09:00: for what is at most some days away. */
export function dayTime(at: string | number, locale: Locale): string {
  return `${new Date(at).toLocaleDateString(TAG[locale], { weekday: "long" })} ${time(at, locale)}`;
}

export function number(value: number, locale: Locale): string {
  return safe(value.toLocaleString(TAG[locale]));
}

/** 11 900 €; what is no amount or no currency as it was given: sites write what they like. */
export function price(amount: string, currency: string | undefined, locale: Locale): string {
  const given = [amount, currency].filter(Boolean).join(" ");
  const value = Number(amount);
  if (!amount.trim() || !Number.isFinite(value) || (currency && !/^[A-Za-z]{3}$/.test(currency))) return given;
  const digits = Number.isInteger(value) ? 0 : 2;
  const style = currency ? ({ style: "currency", currency } as const) : {};
  return safe(value.toLocaleString(TAG[locale], { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/** 80% in English, 80 % in French, from a share in [0, 1]. */
export function percent(share: number, locale: Locale, digits = 0): string {
  return safe(
    share.toLocaleString(TAG[locale], {
      style: "percent",
      maximumFractionDigits: digits,
    }),
  );
}

/** 1.2 MB, 1,2 Mo. */
export function bytes(size: number, locale: Locale): string {
  const units = locale === "fr" ? ["o", "ko", "Mo", "Go"] : ["B", "kB", "MB", "GB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1000;
    unit += 1;
  }
  return `${safe(value.toLocaleString(TAG[locale], { maximumFractionDigits: unit > 1 ? 1 : 0 }))}\u00a0${units[unit]}`;
}

/** The two letters of a round or squared portrait. */
export function initials(name: string): string {
  const words = name
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .split(" ")
    .filter(Boolean);
  const letters = words.length > 1 ? words[0]![0]! + words.at(-1)![0]! : (words[0] ?? "?").slice(0, 2);
  return letters.toLocaleUpperCase();
}
