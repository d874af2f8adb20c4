/** A send's report as parts that make its recipients, and as what came of what was sent. Pure. */
import type { TFunction } from "i18next";
import type { Part } from "../drawing/Strip.tsx";
import { type Report, type Send, sum } from "./sends.ts";

/** Each recipient stands in one part. */
export function partsOf({ report: r }: Send, t: TFunction): Part[] {
  const part = (key: keyof typeof KEYS, value: number): Part => ({ key, name: t(`sends.part.${key}`), value, fill: KEYS[key] });
  return [
    part("read", r.read),
    part("delivered", r.delivered - r.read),
    part("sent", r.sent - r.delivered),
    part("queued", r.queued),
    part("waiting", r.waiting - r.quiet),
    part("quiet", r.quiet),
    part("unsure", r.unsure),
    part("failed", sum(r.failed)),
    part("skipped", sum(r.skipped)),
  ];
}

const KEYS = {
  read: "ok",
  delivered: "accent",
  sent: "soft",
  queued: "wait",
  waiting: "wait",
  quiet: "wait",
  unsure: "warn",
  failed: "bad",
  skipped: "off",
} as const;

export const OUTCOMES = ["sent", "delivered", "read", "answered", "unsubscribed"] as const;

/** What became of recipients, as far as it may still: null before anything was sent. */
export const shareOf = (report: Report, outcome: (typeof OUTCOMES)[number]): number | null => {
  const whole = outcome === "sent" ? report.recipients : report.sent;
  return whole ? report[outcome] / whole : null;
};
