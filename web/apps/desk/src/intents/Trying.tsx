/** A sentence tried: which intent it would be, and the phrases that speak for it. */
import { Button, TextInput } from "@mantine/core";
import { post } from "@parlons/client/http.ts";
import { percent } from "@parlons/ui/format.ts";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { Bars } from "../drawing/Bars.tsx";
import { useTexts } from "../i18n/index.ts";
import styles from "./intents.module.css";
import type { Tried } from "./report.ts";

export function Trying() {
  const { t, locale } = useTexts();
  const [text, setText] = useState("");
  const [tried, setTried] = useState<Tried | null>(null);
  const verdict = (found: Tried) => {
    const best = found.ranking[0];
    if (found.intent) return t("intents.try.understood", { intent: found.intent, score: percent(best?.score ?? 0, locale) });
    return best ? t("intents.try.rejected", { intent: best.intent, score: percent(best.score, locale), threshold: percent(found.threshold, locale) }) : t("intents.none");
  };
  const ask = async () => {
    const found = await attempt(post<Tried>("/intents/try", { text: text.trim() }));
    if (!found) return;
    setTried(found);
    announce(verdict(found));
  };
  return (
    <div className={styles.panel}>
      <form
        className={styles.line}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) void ask();
        }}
      >
        <TextInput label={t("intents.try.sentence")} value={text} maxLength={500} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" variant="default" disabled={!text.trim()}>
          {t("intents.try.go")}
        </Button>
      </form>
      {tried && (
        <>
          <p className={styles.verdict} data-good={tried.intent !== null}>
            {verdict(tried)}
          </p>
          {tried.ranking.length > 0 && (
            <Bars
              title={t("intents.try.scores")}
              heads={[t("intents.intent"), t("intents.score")]}
              rows={tried.ranking.map((each) => ({ key: each.intent, name: each.intent, said: percent(each.score, locale), share: each.score }))}
            />
          )}
          {tried.nearest.length > 0 && (
            <section>
              <h3>{t("intents.try.why")}</h3>
              <ul className={styles.phrases}>
                {tried.nearest.map((each) => (
                  <li key={`${each.intent} ${each.language} ${each.text}`}>
                    <q lang={each.language}>{each.text}</q>
                    <span>
                      {each.intent} · {percent(each.near, locale)}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </div>
  );
}
