/** Time in a state, counting by itself: whatever stands around it is not drawn anew each second. */
import { duration } from "@parlons/ui/format.ts";
import { secondsSince, useNow } from "../data/clock.ts";

interface Props {
  since: string;
  className?: string;
  /** Seconds after which it is marked, and how. */
  long?: number;
  tone?: "bad" | "warn";
}

export function Ago({ since, className, long, tone }: Props) {
  const seconds = secondsSince(since, useNow());
  return (
    <span
      className={`${className ?? ""} num`}
      aria-hidden="true"
      data-tone={long !== undefined && seconds > long ? tone : undefined}
    >
      {duration(seconds)}
    </span>
  );
}
