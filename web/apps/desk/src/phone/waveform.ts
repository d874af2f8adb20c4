/** Loudness as so many bars: the loudest of each stretch, 0 to 100 in, [0, 1] out. Pure. */
export function bars(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * values.length) / count));
    let top = 0;
    for (let at = from; at < to && at < values.length; at += 1) top = Math.max(top, values[at]!);
    return Math.min(1, top / 100);
  });
}
