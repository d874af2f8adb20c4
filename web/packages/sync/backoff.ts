/** When to try again after the line dropped: half a second, doubling to eight, with jitter so that desks do not march. */
export function delay(attempt: number, random: number = Math.random()): number {
  return Math.min(8000, 500 * 2 ** attempt) * (0.5 + random / 2);
}
