/** Names that come from configuration, in the reader's words when they are the usual ones. */
import type { Activity } from "@parlons/client/types.ts";
import type { TFunction } from "i18next";
import type en from "../i18n/en/index.ts";

type Usual = keyof (typeof en)["activity"];

const USUAL: Record<string, Usual> = {
  available: "available",
  ready: "available",
  offline: "offline",
  break: "break",
  "wrap-up": "wrapup",
  missed: "missed",
  unavailable: "unavailable",
};

export function activityName(activity: Activity | undefined, t: TFunction): string {
  if (!activity) return "";
  const usual = USUAL[activity.name.toLowerCase()];
  return usual ? t(`activity.${usual}`) : activity.name;
}

const CHANNELS = [
  "webchat",
  "form",
  "chat",
  "voice",
  "email",
  "sms",
  "telegram",
  "whatsapp",
  "messenger",
  "instagram",
  "matrix",
  "facebook",
  "instagram_comments",
  "x",
  "x_posts",
  "push",
  "webhook",
  "default",
] as const;

export function channelName(channel: string | null | undefined, t: TFunction): string {
  const known = CHANNELS.find((each) => each === channel);
  return known ? t(`channelName.${known}`) : (channel ?? "");
}

/** fr → French / français. */
export function languageName(tag: string, locale: string): string {
  try {
    const name = new Intl.DisplayNames([locale], { type: "language" }).of(tag) ?? tag;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return tag;
  }
}
