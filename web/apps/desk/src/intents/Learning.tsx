/** What customers wrote that was not understood, or hardly: each becomes a phrase by one click, or leaves the list. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { post, remove } from "@parlons/client/http.ts";
import { dayTime, percent } from "@parlons/ui/format.ts";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { address } from "../data/route.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import styles from "./intents.module.css";
import { impersonal, type Miss } from "./report.ts";

interface Page {
  items: Miss[];
  next: string | null;
}

function One({ miss, names, gone }: { miss: Miss; names: string[]; gone: (learnt: boolean) => void }) {
  const { t, locale } = useTexts();
  const [phrase, setPhrase] = useState(() => impersonal(miss.text));
  const [intent, setIntent] = useState(miss.intent && names.includes(miss.intent) ? miss.intent : (names[0] ?? ""));
  const [busy, setBusy] = useState(false);
  const does = async (what: Promise<unknown>, learnt: boolean) => {
    setBusy(true);
    const done = await attempt(what.then(() => true));
    setBusy(false);
    if (!done) return;
    announce(learnt ? t("intents.learn.learnt", { intent }) : t("intents.learn.left"));
    gone(learnt);
  };
  const learn = () => does(post(`/intents/misses/${miss.id}/learn`, { intent, phrase: phrase.trim(), language: miss.language.startsWith("fr") ? "fr" : "en" }), true);
  return (
    <li className={styles.miss} aria-label={miss.text}>
      <p>
        <q lang={miss.language}>{miss.text}</q>
      </p>
      <p className={styles.small}>
        {dayTime(miss.at, locale)} ·{" "}
        {miss.intent ? t(miss.understood ? "intents.learn.hardly" : "intents.learn.guess", { intent: miss.intent, score: percent(miss.score, locale) }) : t("intents.learn.noGuess")} ·{" "}
        <a href={address({ page: "desk", conversation: miss.conversation_id })}>{t("intents.learn.conversation")}</a>
      </p>
      <div className={styles.line}>
        <TextInput label={t("intents.learn.phrase")} value={phrase} maxLength={300} onChange={(event) => setPhrase(event.currentTarget.value)} />
        <NativeSelect label={t("intents.intent")} value={intent} data={names} onChange={(event) => setIntent(event.currentTarget.value)} />
        <Button disabled={busy || !phrase.trim() || !intent} onClick={() => void learn()}>
          {t("intents.learn.add")}
        </Button>
        <Button variant="subtle" disabled={busy} onClick={() => void does(remove(`/intents/misses/${miss.id}`), false)}>
          {t("intents.learn.ignore")}
        </Button>
      </div>
    </li>
  );
}

export function Learning({ names, learnt }: { names: string[]; learnt: () => void }) {
  const { t } = useTexts();
  const { told, failed, again } = useAsked<Page>("/intents/misses");
  if (failed) return <p className={styles.panel}>{failed}</p>;
  if (!told) return null;
  return (
    <div className={styles.panel}>
      <p>{t("intents.learn.about")}</p>
      {told.items.length === 0 && <p>{t("intents.learn.none")}</p>}
      <ul className={styles.misses}>
        {told.items.map((each) => (
          <One
            key={each.id}
            miss={each}
            names={names}
            gone={(learned) => {
              void again();
              if (learned) learnt();
            }}
          />
        ))}
      </ul>
      {told.next && <p className={styles.small}>{t("intents.learn.more")}</p>}
    </div>
  );
}
