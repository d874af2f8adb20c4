/** The published versions, each with its author; one of them can be made the draft again. */
import { Button } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { type Article, putBack, type Version } from "./articles.ts";
import styles from "./knowledge.module.css";

export function Earlier({ article, put }: { article: Article; put: (article: Article) => void }) {
  const { t, locale } = useTexts();
  const { told } = useAsked<{ items: Version[] }>(`/articles/${article.id}/versions`);
  const back = async (number: number) => {
    const done = await attempt(putBack(article, number));
    if (!done) return;
    put(done);
    announce(t("knowledge.wasPutBack", { number }));
  };
  return (
    <section aria-label={t("knowledge.versions")}>
      <h2>{t("knowledge.versions")}</h2>
      <ul className={styles.list}>
        {told?.items.map((each) => (
          <li key={each.number}>
            <span className={styles.grow}>
              <b>{each.title}</b>
              <small>{t("knowledge.version", { number: each.number, name: each.author, when: when(each.at, locale) })}</small>
            </span>
            <Button size="compact-sm" variant="default" aria-label={t("knowledge.putBackOf", { number: each.number })} onClick={() => void back(each.number)}>
              {t("knowledge.putBack")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
