/** How many SMS a text makes. Source: 3GPP TS 23.038 (6.2.1 tables, 6.1.2.1 extension) and 23.040 (9.2.3.24.1, parts of 153 and 67). */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("^{}\\[~]|€\f");
const LIMITS = { gsm7: { one: 160, part: 153 }, ucs2: { one: 70, part: 67 } };

export interface Segments {
  encoding: "gsm7" | "ucs2";
  /** Septets, or UTF-16 code units. */
  units: number;
  segments: number;
  /** Units still free in the last part. */
  left: number;
  /** Characters for which the text takes the wider encoding. */
  rare: string[];
}

/** Marks whose plain form says the same: made plain where this alone keeps the 7-bit alphabet. Letters are never changed. */
const PLAIN = new Map([
  ...[..."\u00a0\u202f\u2007\u2009\t"].map((each) => [each, " "] as const),
  ...[..."\u2018\u2019\u201a\u02bc`\u00b4"].map((each) => [each, "'"] as const),
  ...[..."\u201c\u201d\u201e\u00ab\u00bb"].map((each) => [each, '"'] as const),
  ...[..."\u2010\u2011\u2012\u2013\u2014\u2212\u2022"].map((each) => [each, "-"] as const),
  ...[..."\u00ad\u200b\ufeff"].map((each) => [each, ""] as const),
  ["\u2026", "..."] as const,
]);

/** What one character weighs; a pair (escape and sign, or two halves) is never torn between two parts. */
function weigh(characters: string[], encoding: Segments["encoding"]): number[] {
  if (encoding === "ucs2") return characters.map((each) => each.length);
  return characters.map((each) => (EXTENDED.has(each) ? 2 : 1));
}

export function segments(text: string): Segments {
  const plain = [...text.replaceAll("\r\n", "\n")].map((each) => PLAIN.get(each) ?? each).join("");
  const rare = [...new Set([...plain].filter((each) => !BASIC.has(each) && !EXTENDED.has(each)))];
  const characters = [...(rare.length ? text.replaceAll("\r\n", "\n") : plain)];
  const encoding = rare.length ? "ucs2" : "gsm7";
  const { one, part } = LIMITS[encoding];
  const weights = weigh(characters, encoding);
  const units = weights.reduce((sum, each) => sum + each, 0);
  if (units <= one) return { encoding, units, segments: units ? 1 : 0, left: one - units, rare };
  let [count, used] = [1, 0];
  for (const each of weights) {
    if (used + each > part) [count, used] = [count + 1, 0];
    used += each;
  }
  return { encoding, units, segments: count, left: part - used, rare };
}
