/** How well a call sounds: from WebRTC's counters to loss, jitter, delay and a mean opinion score (ITU-T G.107, simplified). */
import type { Quality } from "@parlons/client/voice.ts";

/** Sums since the call began, as RTCStatsReport gives them. */
export interface Counters {
  received: number;
  lost: number;
  jitterSeconds: number;
  rttSeconds: number;
  /** Packets the far side says it lost of ours, in [0, 1]. */
  farLost: number;
}

export const NOTHING: Counters = { received: 0, lost: 0, jitterSeconds: 0, rttSeconds: 0, farLost: 0 };

type Row = Record<string, unknown> & { type?: string; kind?: string };

/** Reads what we need of a report; a value that is not there counts as 0. */
export function counters(rows: Iterable<Row>): Counters {
  const out = { ...NOTHING };
  const value = (row: Row, name: string): number => (typeof row[name] === "number" ? (row[name] as number) : 0);
  for (const row of rows) {
    if (row.type === "inbound-rtp" && row.kind === "audio") {
      out.received = value(row, "packetsReceived");
      out.lost = Math.max(0, value(row, "packetsLost"));
      out.jitterSeconds = value(row, "jitter");
    }
    if (row.type === "candidate-pair" && row.nominated) out.rttSeconds = value(row, "currentRoundTripTime");
    if (row.type === "remote-inbound-rtp" && row.kind === "audio") out.farLost = value(row, "fractionLost");
  }
  return out;
}

/** 1 to 4.5 from one-way delay and loss: G.107 for G.711 with concealment. */
export function mos(lostPercent: number, jitterMs: number, rttMs: number): number {
  const delay = rttMs / 2 + jitterMs * 2 + 20;
  const late = delay > 177.3 ? 0.11 * (delay - 177.3) : 0;
  const equipment = 0.024 * delay + late;
  const loss = (95 * lostPercent) / (lostPercent + 25.1);
  const r = Math.min(93.2, Math.max(0, 93.2 - equipment - loss));
  return Math.min(4.5, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** The last stretch: between two readings of the counters. */
export function between(before: Counters, after: Counters): Quality {
  const received = Math.max(0, after.received - before.received);
  const lost = Math.max(0, after.lost - before.lost);
  const share = received + lost > 0 ? lost / (received + lost) : 0;
  const lost_percent = 100 * Math.max(share, after.farLost);
  const jitter_ms = after.jitterSeconds * 1000;
  const rtt_ms = after.rttSeconds * 1000;
  return { lost_percent, jitter_ms, rtt_ms, mos: mos(lost_percent, jitter_ms, rtt_ms) };
}

export type Grade = "good" | "fair" | "poor";

/** What the badge says: 3.9 and more is good, under 3.1 the customer hears it. */
export function grade(quality: Quality | null | undefined): Grade | null {
  if (!quality) return null;
  return quality.mos >= 3.9 ? "good" : quality.mos >= 3.1 ? "fair" : "poor";
}
