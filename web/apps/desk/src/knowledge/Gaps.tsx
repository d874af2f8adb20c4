/** What is missing: sought in vain, or asked of people by several customers. Each begins an article with its words. */
import { Button } from "@mantine/core";
import { useMay, useSession } from "../data/session.ts";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { type AskedGap, type Audience, begin, type Figures } from "./articles.ts";
import styles from "./knowledge.module.css";

const SHOWN = 10;

function Gap({ firm, language, audience, query, told }: { firm: string; language: string; audience: Audience; query: string; told: string }) {
  const { t } = useTexts();
  const steers = useMay("steer");
  const firms = useSession((session) => session.me?.firms) ?? [];
  const name = firms.length > 1 && firms.find((each) => each.id === firm)?.name;
  const write = () => {
    begin({ firm_id: firm, language, audience, title: query.charAt(0).toUpperCase() + query.slice(1) });
    go({ page: "knowledge", article: "new" });
  };
  return (
    <li>
      <span className={styles.grow}>
        <b lang={language}>{query}</b>
        <small>{[told, name].filter(Boolean).join(" · ")}</small>
      </span>
      {steers && (
        <Button size="compact-sm" variant="default" aria-label={t("knowledge.gap.writeOf", { query })} onClick={write}>
          {t("knowledge.gap.write")}
        </Button>
      )}
    </li>
  );
}

export function Gaps({ figures }: { figures: Figures | null }) {
  const { t } = useTexts();
  const asked = useAsked<{ items: AskedGap[] }>("/article-gaps").told?.items ?? [];
  const sought = figures?.gaps ?? [];
  return (
    <>
      {sought.length > 0 && (
        <section aria-label={t("knowledge.gaps")}>
          <h2>{t("knowledge.gaps")}</h2>
          <ul className={styles.list}>
            {sought.slice(0, SHOWN).map((gap) => (
              <Gap key={`${gap.firm_id} ${gap.query} ${gap.language} ${gap.audience}`} firm={gap.firm_id} {...gap} told={t("knowledge.times", { count: gap.searches })} />
            ))}
          </ul>
        </section>
      )}
      {asked.length > 0 && (
        <section aria-label={t("knowledge.gap.asked")}>
          <h2>{t("knowledge.gap.asked")}</h2>
          <p className={styles.quiet}>{t("knowledge.gap.help")}</p>
          <ul className={styles.list}>
            {asked.slice(0, SHOWN).map((gap) => (
              <Gap
                key={`${gap.firm_id} ${gap.query} ${gap.language}`}
                firm={gap.firm_id}
                language={gap.language}
                audience="public"
                query={gap.query}
                told={[t("knowledge.gap.conversations", { count: gap.conversations }), gap.offered > 0 && t("knowledge.gap.offered", { count: gap.offered })].filter(Boolean).join(" · ")}
              />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
