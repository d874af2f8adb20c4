/** Those who left before an answer, as the server tells them, and how they are counted. */
import type { components } from "@parlons/client/api.d.ts";
import type { Part } from "../drawing/Strip.tsx";
import type { Texts } from "../i18n/index.ts";

type Api = components["schemas"];
export type Leaver = Api["Leaver"];
export type Figures = Api["LeaverFigures"];
export type How = Api["TakeBody"]["how"];

export const REASONS = ["hung-up", "left-chat", "form", "not-served"] as const;
export const DAYS = ["1", "7", "30"] as const;

export interface Filters {
  days: string;
  reason: string;
  queue: string;
  /** Only who waits still. */
  waiting: boolean;
}

/** From midnight here, so many days ago. */
export function since(days: string, now: Date): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (Number(days) - 1)).toISOString();
}

export function query({ days, reason, queue }: Filters, now: Date): URLSearchParams {
  const found = new URLSearchParams({ since: since(days, now) });
  if (reason) found.set("reason", reason);
  if (queue) found.set("queue_id", queue);
  return found;
}

/** What became of them, drawn: a reply or a return is good, a refusal or a failure is not. */
export function parts({ states, planned }: Figures, t: Texts["t"]): Part[] {
  const of = (state: string) => states[state] ?? 0;
  const named = (key: string, name: string, value: number, fill: Part["fill"]): Part => ({ key, name, value, fill });
  return [
    named("recontacted", t("left.state.recontacted"), of("recontacted"), "accent"),
    named("answered", t("left.state.answered"), of("answered"), "ok"),
    named("came-back", t("left.state.came-back"), of("came-back"), "soft"),
    named("taken", t("left.state.taken"), of("taken"), "warn"),
    named("planned", t("left.planned"), planned, "wait"),
    named("waiting", t("left.state.waiting"), of("waiting") - planned, "off"),
    named("refused", t("left.state.refused"), of("refused"), "bad"),
    named("failed", t("left.state.failed"), of("failed"), "bad"),
  ];
}

/** Whether a person can still take him on. */
export const isOpen = (one: Leaver): boolean => ["waiting", "refused", "failed", "recontacted"].includes(one.state);
