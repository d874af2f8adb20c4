/** Languages of the desk. Keys are typed after en/; a test keeps fr/ level with it. */

import type { Locale } from "@parlons/ui/format.ts";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type drawn from "./en/drawn.json";
import type en from "./en/index.ts";
import type hooks from "./en/hooks.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof drawn & typeof hooks };
  }
}

const load = { en: () => import("./en/index.ts"), fr: () => import("./fr/index.ts") };

/** Texts of a large part of the desk, fetched with it. */
const parts = {
  drawn: { en: () => import("./en/drawn.json"), fr: () => import("./fr/drawn.json") },
  hooks: { en: () => import("./en/hooks.json"), fr: () => import("./fr/hooks.json") },
};
const fetchedParts = new Set<keyof typeof parts>();

export function wanted(kept: string | null | undefined): Locale {
  const first = kept ?? navigator.languages.find((tag) => /^(fr|en)/i.test(tag)) ?? "en";
  return first.toLowerCase().startsWith("fr") ? "fr" : "en";
}

async function fetchTexts(locale: Locale): Promise<void> {
  if (!i18next.hasResourceBundle(locale, "translation")) i18next.addResourceBundle(locale, "translation", (await load[locale]()).default);
  for (const part of fetchedParts) i18next.addResourceBundle(locale, "translation", (await parts[part][locale]()).default, true);
}

/** Texts of a part in the language spoken now, and in each spoken later. */
export async function fetchPart(part: keyof typeof parts): Promise<void> {
  fetchedParts.add(part);
  await fetchTexts(wanted(i18next.language));
}

export async function setLocale(locale: Locale): Promise<void> {
  await fetchTexts(locale);
  await i18next.changeLanguage(locale);
  document.documentElement.lang = locale;
  const manifest = document.querySelector<HTMLLinkElement>("link[rel=manifest]");
  if (manifest) manifest.href = `/app/manifest.${locale}.webmanifest`;
}

export async function startTexts(locale: Locale): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: locale,
    resources: {},
    fallbackLng: false,
    interpolation: { escapeValue: false },
  });
  await setLocale(locale);
}

export type Texts = ReturnType<typeof useTexts>;

/** `t` and the locale for the format helpers. */
export function useTexts() {
  const { t, i18n } = useTranslation();
  return { t, locale: i18n.language as Locale };
}
