/** Why a way is shut, or a message did not arrive, in words: ours by the code, else the code's own plain sentence. */
import type { Way } from "@parlons/client/channels.ts";
import { type Locale, when } from "@parlons/ui/format.ts";
import type { TFunction } from "i18next";
import i18next from "i18next";
import { shown } from "../phone/number.ts";
import { channelName } from "../shell/words.ts";
import type { Freedom } from "./ways.ts";

/** The customer's address on this way, where it tells a person something: none of the services' own numbers for people. */
export function addressText({ channel, to }: Pick<Way, "channel" | "to">): string {
  if (channel === "whatsapp" && /^\d{7,15}$/.test(to)) return shown(`+${to}`);
  if (channel === "push") return "";
  return /^\d+$|^(comment|private|mention|post):/.test(to) ? "" : shown(to);
}

/** A way's name; of two ways of one channel, the private one says so. */
export function wayName(way: Way, t: TFunction): string {
  const channel = channelName(way.channel, t);
  return way.capabilities.once ? t("channels.inPrivate", { channel }) : channel;
}

export function refusalText(way: Way, free: Freedom, t: TFunction, locale: Locale): string {
  if (free === "template") return t("channels.onlyTemplates");
  if (!way.refusal && way.open_until) return t("channels.windowClosed", { when: when(way.open_until, locale) });
  return faultText(way.refusal, t);
}

/** A code of a channel, in words. */
export function faultText(code: string | null | undefined, t: TFunction, reason?: string | null): string {
  const key = `channels.fault.${code}`;
  if (code && i18next.exists(key)) return t(key as "channels.fault.opted-out");
  return reason || (code ? t("channels.faultOf", { code }) : t("channels.faultUnknown"));
}

/** What came instead of text. */
export function kindText(kind: string, t: TFunction): string {
  const key = `channels.kind.${kind}`;
  return i18next.exists(key) ? t(key as "channels.kind.location") : t("channels.kindOf", { kind });
}
