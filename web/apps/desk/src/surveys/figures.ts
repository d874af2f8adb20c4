/** Survey figures as the server counts them, and how each kind is read: as a share, a score or a mean. Pure. */
import type { Id } from "@parlons/client/types.ts";
import { type Locale, number, percent } from "@parlons/ui/format.ts";

export type Kind = "csat" | "nps" | "ces" | "choice" | "text";
export const PARTS = ["queue", "user", "firm", "channel", "language"] as const;
export type Part = (typeof PARTS)[number];

export interface Figure {
  survey_id: Id;
  survey: string;
  kind: Kind;
  part: string | null;
  name: string | null;
  asked: number;
  answered: number;
  csat_percent: number | null;
  nps: number | null;
  nps_parts: { promoters: number; passives: number; detractors: number } | null;
  ces: number | null;
  scores: Record<string, number>;
  labels: Record<string, string>[];
}

export interface Answer {
  id: Id;
  kind: Kind;
  conversation_id: Id;
  channel: string;
  language: string;
  answered_at: string;
  score: number | null;
  label: string | null;
  comment: string;
}

export const SCALES: Partial<Record<Kind, [number, number]>> = { csat: [1, 5], nps: [0, 10], ces: [1, 7] };

/** The figure of its kind; null: nobody answered, or it has none. */
export const valueOf = (one: Figure): number | null => (one.kind === "csat" ? one.csat_percent : one.kind === "nps" ? one.nps : one.kind === "ces" ? one.ces : null);

/** Where the figure lies between the worst and the best, in [0, 1]; of a kind without a figure, how many answered. */
export function shareOf(one: Figure): number | null {
  const value = valueOf(one);
  if (one.kind === "choice" || one.kind === "text") return one.asked ? one.answered / one.asked : null;
  if (value === null) return null;
  return one.kind === "csat" ? value / 100 : one.kind === "nps" ? (value + 100) / 200 : (value - 1) / 6;
}

/** 80%, +23, 5.4; a dash where nobody answered. */
export function said(one: Figure, locale: Locale): string {
  const value = valueOf(one);
  if (one.kind === "choice" || one.kind === "text") return one.asked ? percent(one.answered / one.asked, locale) : "–";
  if (value === null) return "–";
  if (one.kind === "csat") return percent(value / 100, locale);
  if (one.kind === "ces") return number(Math.round(value * 10) / 10, locale);
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${number(Math.abs(Math.round(value)), locale)}`;
}

/** Every answer there could be, with how often it was given. */
export function distribution(one: Figure, locale: Locale): { key: string; name: string; many: number }[] {
  const scale = SCALES[one.kind] ?? [1, one.kind === "choice" ? one.labels.length : 0];
  return Array.from({ length: scale[1] - scale[0] + 1 }, (_, index) => {
    const score = scale[0] + index;
    const label = one.kind === "choice" ? one.labels[score - 1] : undefined;
    const name = label ? (label[locale] ?? Object.values(label)[0] ?? String(score)) : String(score);
    return { key: String(score), name, many: one.scores[score] ?? 0 };
  });
}

const DAY_MS = 86_400_000;

/** Each day, or each Monday, of a time, with its figure or a gap: what is missing is no zero. `since`, `until`: local dates. */
export function steps(since: string, until: string, weekly: boolean, found: Figure[]): { day: string; one: Figure | null }[] {
  const known = new Map(found.map((each) => [each.part, each]));
  const first = new Date(`${since}T00:00:00Z`);
  if (weekly) first.setUTCDate(first.getUTCDate() - ((first.getUTCDay() + 6) % 7));
  const days: { day: string; one: Figure | null }[] = [];
  for (let at = first.getTime(); at <= Date.parse(`${until}T00:00:00Z`) && days.length < 400; at += (weekly ? 7 : 1) * DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push({ day, one: known.get(day) ?? null });
  }
  return days;
}
