/** The router's explanation in words. */
import type { Why, WhyCandidate } from "@parlons/client/types.ts";
import i18next, { type TFunction } from "i18next";

/** Reasons that lie outside the queue: those people are counted, not listed. */
const OUTSIDE = ["queue-expression", "target-expression"];

/** One sentence: who was chosen among how many, or why nobody is yet. */
export function answer(why: Why, queue: string, t: TFunction): string {
  const chosen = why.candidates.find((each) => each.chosen);
  const eligible = why.candidates.filter((each) => each.eligible).length;
  if (!chosen)
    return t(eligible === 0 ? "why.nobody" : "why.waiting", {
      queue,
      count: eligible,
    });
  if (eligible <= 1) return t("why.only", { name: chosen.name, queue });
  return t("why.first", { name: chosen.name, count: eligible, queue });
}

/** The chosen, then who could, then who could not for a reason of the moment. */
export function candidates(why: Why): WhyCandidate[] {
  const rank = (each: WhyCandidate) => (each.chosen ? 0 : each.eligible ? 1 : 2);
  return why.candidates
    .filter((each) => each.chosen || each.eligible || !OUTSIDE.includes(each.reason ?? ""))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 12);
}

export function excluded(why: Why, t: TFunction): string[] {
  const outside = why.candidates.filter((each) => !each.chosen && OUTSIDE.includes(each.reason ?? ""));
  return outside.length ? [t("why.outside", { count: outside.length })] : [];
}

export interface EventLine {
  key: string;
  at: string;
  text: string;
  lit: boolean;
}

/** `names` knows workers and queues by id. */
export function eventLines(why: Why, names: (id: string) => string): EventLine[] {
  return why.events.map((each, index) => {
    const key = `why.event.${each.code.replace(/[.-]/g, "_")}`;
    const name = names(String(each.details.worker_id ?? each.details.queue_id ?? ""));
    const text = i18next.exists(key) ? i18next.t(key as "why.event.task_created", { name }) : each.text;
    return {
      key: `${each.code}-${index}`,
      at: each.at,
      text,
      lit: /created|accepted/.test(each.code) && index > 0,
    };
  });
}

/** Why a person could not be chosen, in two or three words. */
export function reasonWord(each: WhyCandidate, t: TFunction): string {
  const key = `why.reason.${each.reason}`;
  return i18next.exists(key) ? t(key as "why.reason.other") : (each.detail ?? t("why.reason.other"));
}
