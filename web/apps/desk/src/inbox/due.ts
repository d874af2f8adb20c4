/** The clock of an answer due: time left against the target, amber under 20 %, then red and counting up. */
import { duration } from "@parlons/ui/format.ts";

export interface DueClock {
  text: string;
  tone: "warn" | "bad" | undefined;
}

/** Without a target the clock counts up, plainly. */
export function dueClock(waited: number, target: number | null): DueClock {
  if (!target) return { text: duration(waited), tone: undefined };
  const left = target - waited;
  if (left < 0) return { text: `+${duration(-left)}`, tone: "bad" };
  return {
    text: duration(left),
    tone: left < target * 0.2 ? "warn" : undefined,
  };
}
