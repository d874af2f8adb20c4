/** The system's lines in the reader's language, by their code; an unknown code keeps the text it came with. */
import type { Message, Touch } from "@parlons/client/types.ts";
import i18next, { type TFunction } from "i18next";

export function noticeText(message: Message): string {
  const { notice } = message;
  if (!notice) return message.text;
  const key = `notice.${notice.code}`;
  if (!i18next.exists(key)) return message.text || String(notice.code);
  return i18next.t(key as "notice.closed", { ...notice });
}

export function pageText(touch: Touch, name: string, t: TFunction): string {
  const title = String(touch.data.title ?? touch.data.url ?? "");
  return t("log.opens", { name: name.split(" ")[0], title });
}
