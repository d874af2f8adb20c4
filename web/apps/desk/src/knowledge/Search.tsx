/** What is published, found by words. */
import { NativeSelect, TextInput } from "@mantine/core";
import { Search as Glass } from "lucide-react";
import { useEffect, useState } from "react";
import { address, type Route } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { type Found, found, LANGUAGES } from "./articles.ts";
import styles from "./knowledge.module.css";
import { follow } from "./Sheet.tsx";

const PAUSE_MS = 200;

export function Hit({ one }: { one: Found }) {
  const { t } = useTexts();
  const to: Route = { page: "knowledge", article: one.id };
  return (
    <li>
      <a href={address(to)} onClick={follow(to)}>
        <b>{one.title}</b>
        <small>{t(`knowledge.audiences.${one.audience}`)}</small>
        <span lang={one.language}>{one.excerpt.map((piece, at) => (piece.hit ? <mark key={at}>{piece.text}</mark> : piece.text))}</span>
      </a>
    </li>
  );
}

export function Search() {
  const { t, locale } = useTexts();
  const [text, setText] = useState("");
  const [language, setLanguage] = useState<string>(locale);
  const [told, setTold] = useState<{ items: Found[]; corrected: string | null } | null>(null);
  useEffect(() => {
    if (!text.trim()) {
      setTold(null);
      return;
    }
    const leave = new AbortController();
    const timer = setTimeout(() => void found(text, language, null, leave.signal).then(setTold, () => undefined), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [text, language]);
  return (
    <search className={styles.search}>
      <div className={styles.row}>
        <TextInput className={styles.grow} type="search" label={t("knowledge.search")} leftSection={<Glass size={16} />} maxLength={200} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <NativeSelect label={t("knowledge.language")} value={language} onChange={(event) => setLanguage(event.currentTarget.value)} data={LANGUAGES.map((each) => ({ value: each, label: t(`knowledge.languages.${each}`) }))} />
      </div>
      <div role="status">
        {told && <p className={styles.quiet}>{t("knowledge.found", { count: told.items.length })} {told.corrected && t("knowledge.corrected", { text: told.corrected })}</p>}
      </div>
      {told && told.items.length > 0 && (
        <ul className={styles.list} aria-label={t("knowledge.hits")}>
          {told.items.map((one) => <Hit key={one.id} one={one} />)}
        </ul>
      )}
    </search>
  );
}
