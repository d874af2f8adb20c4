/** Times, sizes and initials as a person reads them. */
import { type Language, say } from "./words";

const plain = (text: string) => text.replace(/[\u202f\u2009]/g, "\u00a0");

const locale = (language: Language) => (language === "fr" ? "fr-FR" : "en-GB");

export const clock = (iso: string | Date, language: Language): string =>
  plain(
    new Intl.DateTimeFormat(locale(language), {
      hour: "2-digit",
      minute: "2-digit",
    }).format(new Date(iso)),
  );

const DAY_MS = 86_400_000;

/** "today at 14:00", "tomorrow at 9:00", "Monday at 9:00", by the visitor's own clock and calendar. */
export function opening(iso: string, now: Date, language: Language): string {
  const at = new Date(iso);
  const time = clock(at, language);
  const isOn = (day: Date) => at.toDateString() === day.toDateString();
  if (isOn(now)) return say(language, "today", { time });
  if (isOn(new Date(now.getTime() + DAY_MS))) return say(language, "tomorrow", { time });
  const far = at.getTime() - now.getTime() > 6 * DAY_MS;
  const wanted: Intl.DateTimeFormatOptions = {
    weekday: "long",
    ...(far ? { day: "numeric", month: "short" } : {}),
  };
  return say(language, "on_day", {
    day: new Intl.DateTimeFormat(locale(language), wanted).format(at),
    time,
  });
}

export function duration(seconds: number, language: Language): string {
  return seconds < 60
    ? say(language, "seconds", {
        n: Math.max(10, Math.ceil(seconds / 10) * 10),
      })
    : say(language, "minutes", { n: Math.round(seconds / 60) });
}

export function size(bytes: number, language: Language): string {
  const units = language === "fr" ? ["o", "ko", "Mo"] : ["B", "kB", "MB"];
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const value = new Intl.NumberFormat(locale(language), {
    maximumFractionDigits: step === 2 ? 1 : 0,
  });
  return `${plain(value.format(bytes / 1000 ** step))}\u00a0${units[step]}`;
}

export const initials = (name: string) =>
  name
    .split(/[\s-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((part) => part[0]?.toUpperCase())
    .join("");
