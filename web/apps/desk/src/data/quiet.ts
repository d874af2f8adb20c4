/** When a new contact makes no sound and no notification: rules of the person. The card, the lamp and the spoken word stay. */
import type { Quiet, Sounds } from "./session.ts";

export const SOUNDS = ["knock", "bell", "drop", "off"] as const;
export type Sound = (typeof SOUNDS)[number];

/** Minutes since midnight of `18:30`. */
function minutes(text: string): number {
  const [hours = 0, rest = 0] = text.split(":").map(Number);
  return hours * 60 + rest;
}

/** Whether `now` lies between two times of the day; 22:00 to 07:00 passes midnight, equal times never hold. */
export function within(begins: string, ends: string, now: Date): boolean {
  const [from, to, at] = [minutes(begins), minutes(ends), now.getHours() * 60 + now.getMinutes()];
  return from <= to ? from <= at && at < to : at >= from || at < to;
}

interface Moment {
  now: Date;
  onCall: boolean;
  /** Whether it is a call that knocks. */
  call: boolean;
}

export function isQuiet(quiet: Quiet | null | undefined, { now, onCall, call }: Moment): boolean {
  if (!quiet) return false;
  if (onCall && quiet.on_call) return true;
  if (call && quiet.calls_ring) return false;
  if (quiet.until && Date.parse(quiet.until) > now.getTime()) return true;
  return Boolean(quiet.begins && quiet.ends && within(quiet.begins, quiet.ends, now));
}

/** The sound a person chose for a channel. */
export function soundFor(sounds: Sounds | null | undefined, channel: string | undefined): Sound {
  const kind = channel === "voice" || channel === "webchat" ? channel : "other";
  return sounds?.[kind] ?? "knock";
}
