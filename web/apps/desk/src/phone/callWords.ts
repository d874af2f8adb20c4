/** What a call was, in one line of the log. */
import type { Call } from "@parlons/client/voice.ts";
import { duration } from "@parlons/ui/format.ts";
import type { TFunction } from "i18next";
import { farNumber } from "./calls.ts";
import { shown } from "./number.ts";

const CAUSES = [
  "busy",
  "declined",
  "no-answer",
  "unreachable",
  "not-found",
  "refused",
  "limit",
  "lost",
  "error",
] as const;

const seconds = (from: string, to: string | null): number =>
  (Date.parse(to ?? new Date().toISOString()) - Date.parse(from)) / 1000;

export function callText(call: Call, agent: string, t: TFunction): string {
  const who = shown(farNumber(call)) || call.customer_name || t("logCall.withheld");
  const over = call.state === "ended" || call.state === "wrapping";
  if (!over) return t(call.direction === "out" ? "logCall.goingOut" : "logCall.going", { who });
  if (call.agent_at && (call.direction === "in" || call.answered_at))
    return t(call.direction === "out" ? "logCall.out" : "logCall.in", {
      who,
      time: duration(seconds(call.agent_at, call.ended_at)),
      agent,
    });
  if (call.direction === "in")
    return t("logCall.gaveUp", { who, time: duration(seconds(call.started_at, call.ended_at)) });
  const cause = CAUSES.find((each) => each === call.end_cause) ?? "no-answer";
  return t("logCall.failed", { who, cause: t(`cause.${cause}`) });
}
