/** Words for what was given for a time, and for a memo. */
import type { Given, Memo } from "@parlons/client/floor.ts";
import type { Snapshot } from "@parlons/client/types.ts";
import { type Locale, time } from "@parlons/ui/format.ts";
import type { TFunction } from "i18next";
import { activityName } from "../shell/words.ts";

/** "financing (7), without sales, chat 5". */
export function givenText(given: Given, t: TFunction): string {
  const skills = Object.entries(given.skills).map(([name, level]) =>
    level === false ? t("floor.without", { name }) : level === true ? name : `${name} (${level})`,
  );
  const channels = Object.entries(given.channels).map(([name, count]) =>
    t("floor.capacityOf", { channel: channelWord(name, t), count }),
  );
  return [...skills, ...channels].join(", ");
}

export function channelWord(name: string, t: TFunction): string {
  if (name === "chat") return t("channel.chats");
  if (name === "voice") return t("channel.calls");
  return name === "default" ? t("channel.tasks") : name;
}

/** The sentence of a memo: who did what, until when. What he wrote stands beside it. */
export function memoText(memo: Memo, activities: Snapshot["activities"], t: TFunction, locale: Locale): string {
  const name = memo.by_name || t("floor.memo.system");
  const what = memo.data.given ? givenText(memo.data.given, t) : "";
  switch (memo.kind) {
    case "state":
      return t("floor.memo.state", { name, state: activityName(activities[memo.data.activity_id ?? ""], t) });
    case "moved":
      return t("floor.memo.moved", { name, what, time: memo.data.until_at ? time(memo.data.until_at, locale) : "" });
    case "moved-back":
      return t("floor.memo.movedBack", { what });
    case "taken":
      return t("floor.memo.taken", { name });
    case "whisper":
      return t("floor.memo.whisper", { name });
    case "message":
      return t("floor.memo.message", { name });
  }
}
