/** Articles: the list and the search, one to write, one to read. */
import { useEffect, useState } from "react";
import { useMay } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { type Article, begunWith } from "./articles.ts";
import { Editor } from "./Editor.tsx";
import { List } from "./List.tsx";
import { Reader } from "./Reader.tsx";
import { Search } from "./Search.tsx";
import { Sheet } from "./Sheet.tsx";

const TRANSLATION = /^new-(fr|en)-(.+)$/;

function One({ id, language = null }: { id: string; language?: string | null }) {
  const { t } = useTexts();
  const { told, failed, again, put } = useAsked<Article>(`/articles/${id}`);
  if (!told) return <Sheet title={t("knowledge.article")} back failed={failed} again={again} />;
  if (language === null) return <Editor key={told.id} article={told} put={put} />;
  const { firm_id, audience, category_id } = told;
  return <Editor key={language} article={null} first={{ firm_id, audience, category_id, language, translates: told.id }} put={() => undefined} />;
}

function Fresh() {
  const [first] = useState(begunWith);
  return <Editor article={null} first={first} put={() => undefined} />;
}

export default function KnowledgePage({ id }: { id: string | null }) {
  const { t } = useTexts();
  const [steers, figures] = [useMay("steer"), useMay("figures")];
  useEffect(() => {
    document.title = `${t("place.knowledge")} · Parlons`;
  }, [t]);
  const translation = id && TRANSLATION.exec(id);
  if (id === null)
    return figures ? (
      <List />
    ) : (
      <Sheet title={t("place.knowledge")}>
        <Search />
      </Sheet>
    );
  if (!steers) return <Reader key={id} id={id} />;
  if (id === "new") return <Fresh />;
  return translation ? <One key={id} id={translation[2]!} language={translation[1]!} /> : <One key={id} id={id} />;
}
