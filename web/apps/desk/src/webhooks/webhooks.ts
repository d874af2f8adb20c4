/** Webhooks as the API has them, and the words of events. */
import type { Id } from "@parlons/client/types.ts";
import { day, type Locale, time } from "@parlons/ui/format.ts";
import i18next, { type ParseKeys, type TFunction } from "i18next";

export interface Hook {
  id: Id;
  name: string;
  url: string;
  firm_id: Id | null;
  /** Empty: all. */
  events: string[];
  active: boolean;
  state: "working" | "not-answering" | "off" | "failing" | "gone";
  failing_since: string | null;
  old_secret_until: string | null;
  version: number;
}

export interface Delivery {
  id: Id;
  type: string;
  state: "waiting" | "delivered" | "failed";
  attempts: number;
  status: number | null;
  error: string;
  duration_ms: number | null;
  created_at: string;
  next_at: string | null;
}

export const place = (name: string | null) => ({ page: "settings", section: "webhooks", name }) as const;
export const NEW = "new";

const plain = (word: string) => word.replace(/[.-]/g, "_");

/** What an event means, in the reader's language; one that the server knows and this page does not: its name. */
export function kindWords(t: TFunction, type: string): string {
  const key = `hooks.kind.${plain(type)}`;
  return i18next.exists(key) ? t(key as ParseKeys) : type;
}

export function groupWords(t: TFunction, group: string): string {
  const key = `hooks.group.${plain(group)}`;
  return i18next.exists(key) ? t(key as ParseKeys) : group;
}

/** Events by what they are about, in the order of the list. */
export function grouped(types: string[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const type of types) {
    const group = type.split(".")[0]!;
    groups.set(group, [...(groups.get(group) ?? []), type]);
  }
  return [...groups];
}

/** Somebody has to look at it. */
export const ails = ({ state }: Hook): boolean => state !== "working" && state !== "off";

export const moment = (at: string, locale: Locale): string => `${day(at, locale)} ${time(at, locale)}`;

/** Why there was no answer. */
export function errorWords(t: TFunction, error: string): string {
  const key = `hooks.error.${error}`;
  return t((i18next.exists(key) ? key : "hooks.error.other") as "hooks.error.other");
}
