/** What the server says of the phrases, and how the curve of thresholds is drawn. Pure. */

export interface Consequence {
  at: number;
  understood: number;
  rejected: number;
  wrong: number;
  foreign: number;
}

export interface Pair {
  intent: string;
  taken_for: string;
  share: number;
  phrases: { phrase: string; near: string }[];
}

export interface Report {
  words_alone: boolean;
  provider: string | null;
  phrases: number;
  looked_at: number;
  threshold: number;
  chosen: number;
  fixed: number | null;
  now: Consequence | null;
  curve: Consequence[];
  intents: string[];
  matrix: number[][];
  pairs: Pair[];
}

export interface Tried {
  intent: string | null;
  threshold: number;
  language: string | null;
  words_alone: boolean;
  ranking: { intent: string; score: number }[];
  nearest: { text: string; intent: string; language: string; near: number }[];
}

export interface Miss {
  id: string;
  conversation_id: string;
  language: string;
  text: string;
  intent: string | null;
  score: number;
  understood: boolean;
  at: string;
}

export const LINES = ["understood", "rejected", "wrong", "foreign"] as const;

/** The points of a line in a drawing of this size, for an SVG. */
export const points = (curve: Consequence[], line: (typeof LINES)[number], width: number, height: number): string =>
  curve.map((each) => `${(each.at * width).toFixed(1)},${((1 - each[line]) * height).toFixed(1)}`).join(" ");

/** What a threshold would do: the nearest point of the curve. */
export function consequence(curve: Consequence[], at: number): Consequence | null {
  let best: Consequence | null = null;
  for (const each of curve) if (best === null || Math.abs(each.at - at) < Math.abs(best.at - at)) best = each;
  return best;
}

/** The text without what is somebody's: digits in a row, addresses. What is left is to be looked at all the same. */
export const impersonal = (text: string): string =>
  text
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "…")
    .replace(/\+?\d[\d .\-/]{3,}\d|\d{3,}/g, "…")
    .trim();

/** Rows and columns that are worth a look: intents that are taken for another, or another for them. */
export function confused(matrix: number[][]): number[] {
  return matrix
    .map((_, at) => at)
    .filter((at) => matrix.some((row, other) => other !== at && ((row[at] ?? 0) > 0 || (matrix[at]?.[other] ?? 0) > 0)));
}
