/** Articles for the customer one writes to: found by words, put into the answer as a link or as text. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { type Found, found } from "./articles.ts";
import { useInserting } from "./inserting.ts";
import styles from "./knowledge.module.css";

const PAUSE_MS = 200;
const SHOWN = 5;

interface Props {
  firm: string;
  language: string;
  put: (text: string) => void;
}

export default function Finder({ firm, language, put }: Props) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [items, setItems] = useState<Found[] | null>(null);
  const { linked, insert } = useInserting(firm, put);
  useEffect(() => {
    if (!text.trim()) {
      setItems(null);
      return;
    }
    const leave = new AbortController();
    const timer = setTimeout(() => void found(text, language, firm, leave.signal).then((told) => setItems(told.items.slice(0, SHOWN)), () => undefined), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [text, language, firm]);
  const first = (event: FormEvent) => {
    event.preventDefault();
    if (items?.[0]) void insert(items[0], linked(items[0]));
    else if (items) void found(text, language, firm, undefined, true).catch(() => undefined);
  };
  return (
    <form onSubmit={first} className={styles.finder}>
      <TextInput data-autofocus type="search" label={t("knowledge.search")} description={t("knowledge.enterInserts")} maxLength={200} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div role="status" className={styles.quiet}>
        {items && t("knowledge.found", { count: items.length })}
      </div>
      <ul className={styles.list} aria-label={t("knowledge.hits")}>
        {items?.map((one) => {
          const link = linked(one);
          return (
            <li key={one.id}>
              <span className={styles.grow} lang={one.language}>
                <b>{one.title}</b>
                <small>{t(`knowledge.audiences.${one.audience}`)}</small>
              </span>
              {link && (
                <Button size="compact-sm" variant="default" aria-label={t("knowledge.insertLinkOf", { title: one.title })} onClick={() => void insert(one, link)}>
                  {t("knowledge.insertLink")}
                </Button>
              )}
              <Button size="compact-sm" variant="default" aria-label={t("knowledge.insertTextOf", { title: one.title })} onClick={() => void insert(one, null)}>
                {t("knowledge.insertText")}
              </Button>
            </li>
          );
        })}
      </ul>
    </form>
  );
}
