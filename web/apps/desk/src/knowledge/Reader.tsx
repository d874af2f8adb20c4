/** A published article, for who reads only. */
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import type { Published } from "./articles.ts";
import { Preview } from "./Preview.tsx";
import { Sheet } from "./Sheet.tsx";

export function Reader({ id }: { id: string }) {
  const { t } = useTexts();
  const { told, failed, again } = useAsked<Published>(`/articles/${id}/page`);
  return (
    <Sheet title={told?.title ?? t("knowledge.article")} back failed={failed} again={again}>
      {told && <Preview title={told.title} html={told.html} language={told.language} />}
    </Sheet>
  );
}
