/** A touch in words. */
import type { Touch } from "@parlons/client/types.ts";
import type { TFunction } from "i18next";

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

const KINDS = ["conversation", "not-served", "chat", "form", "call", "email"] as const;

export function touchLine(touch: Touch, t: TFunction): { title: string; more?: string } {
  const title = text(touch.data.title) ?? text(touch.data.name) ?? text(touch.data.subject);
  if (touch.kind === "page") {
    const url = text(touch.data.url);
    return {
      title: title ?? url ?? t("touch.page"),
      more: text(touch.data.description),
    };
  }
  const known = KINDS.find((kind) => touch.kind === kind || touch.kind.startsWith(`${kind}.`));
  return { title: known ? t(`touch.${known}`) : touch.kind, more: title };
}
