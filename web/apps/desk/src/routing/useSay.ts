/** The texts as phrases.ts takes them: any key of the desk, values as texts. */
import { useCallback } from "react";
import { useTexts } from "../i18n/index.ts";
import type { Say } from "./phrases.ts";

export function useSay(): Say {
  const { t } = useTexts();
  return useCallback<Say>((key, values) => String(t(key as "routing.yes", values as never)), [t]);
}
