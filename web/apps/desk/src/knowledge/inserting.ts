/** Where articles are put: the answer that is being written now, if one is; and as what, a link or words. */
import { get } from "@parlons/client/http.ts";
import { useEffect, useRef } from "react";
import { create } from "zustand";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import type { Centre, Found, Published } from "./articles.ts";
import { asText } from "./asText.ts";

type Put = (text: string) => void;
type Insertable = Pick<Found, "id" | "title" | "slug" | "language" | "audience">;

/** Of the answer on the screen; null: nothing is being written freely. */
export const useAnswer = create<{ put: Put | null }>(() => ({ put: null }));

/** While the caller is on the screen, articles go where it says. */
export function useTakesArticles(put: Put): void {
  const latest = useRef(put);
  latest.current = put;
  useEffect(() => {
    const mine: Put = (text) => latest.current(text);
    useAnswer.setState({ put: mine });
    return () => {
      if (useAnswer.getState().put === mine) useAnswer.setState({ put: null });
    };
  }, []);
}

export function useInserting(firm: string, put: Put) {
  const { t } = useTexts();
  const centre = useAsked<{ items: Centre[] }>("/help-centres").told?.items.find((each) => each.firm_id === firm && each.open);
  const linked = (one: Insertable): string | null =>
    centre && one.audience === "public" ? `${location.origin}/help/${centre.slug}/${one.language}/a/${one.slug}` : null;
  /** Whether it is in. */
  const insert = async (one: Insertable, link: string | null): Promise<boolean> => {
    const words = link ?? (await attempt(get<Published>(`/articles/${one.id}/page`)).then((page) => page && asText(page.html)));
    if (!words) return false;
    put(words);
    announce(t("knowledge.inserted", { title: one.title }));
    return true;
  };
  return { linked, insert };
}
