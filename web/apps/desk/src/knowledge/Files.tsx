/** Pictures and documents of an article: kept at once, then put into its text by a button. */
import { Button, FileButton, TextInput } from "@mantine/core";
import { post, remove } from "@parlons/client/http.ts";
import { bytes } from "@parlons/ui/format.ts";
import { useRef, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import type { Article } from "./articles.ts";
import { type ArticleFile, shownAs } from "./files.ts";
import styles from "./knowledge.module.css";

const ACCEPTED = "image/png,image/jpeg,image/gif,image/webp,.pdf,.docx,.xlsx,.odt,.txt,.csv";

function FileRow({ file, put, drop }: { file: ArticleFile; put: (html: string) => void; drop: () => void }) {
  const { t, locale } = useTexts();
  const [told, setTold] = useState(file.name.replace(/\.\w+$/, ""));
  return (
    <li>
      {file.picture && <img src={file.path} alt="" className={styles.thumb} />}
      <span className={styles.grow}>
        <a href={file.path} target="_blank" rel="noopener noreferrer">
          <b>{file.name}</b>
        </a>
        <small>{bytes(file.size, locale)}</small>
      </span>
      {file.picture && <TextInput size="xs" label={t("knowledge.files.told")} maxLength={200} value={told} onChange={(event) => setTold(event.currentTarget.value)} />}
      <Button size="compact-sm" variant="default" aria-label={t("knowledge.files.putOf", { name: file.name })} onClick={() => put(shownAs(file, told))}>
        {t("knowledge.files.put")}
      </Button>
      <Button size="compact-sm" variant="subtle" aria-label={t("knowledge.files.removeOf", { name: file.name })} onClick={drop}>
        {t("knowledge.files.remove")}
      </Button>
    </li>
  );
}

export function Files({ article, put }: { article: Article; put: (html: string) => void }) {
  const { t } = useTexts();
  const path = `/article-files?article_id=${article.id}`;
  const { told, again } = useAsked<{ items: ArticleFile[] }>(path);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const reset = useRef<() => void>(null);
  const add = async (file: File | null) => {
    if (!file) return;
    setBusy(true);
    setTrouble(null);
    const form = new FormData();
    form.append("article_id", article.id);
    form.append("file", file);
    try {
      await post("/article-files", form);
      announce(t("knowledge.files.added", { name: file.name }));
      again();
    } catch (error) {
      setTrouble(cause(error));
      announce(cause(error), true);
    } finally {
      setBusy(false);
      reset.current?.();
    }
  };
  const drop = async (file: ArticleFile) => {
    await attempt(remove(`/article-files/${file.id}?article_id=${article.id}`));
    again();
  };
  return (
    <section aria-label={t("knowledge.files.name")}>
      <h2>{t("knowledge.files.name")}</h2>
      <p className={styles.quiet}>{t("knowledge.files.help")}</p>
      <ul className={styles.list}>
        {told?.items.map((file) => (
          <FileRow key={file.id} file={file} put={put} drop={() => void drop(file)} />
        ))}
      </ul>
      <div className={styles.row}>
        <FileButton resetRef={reset} accept={ACCEPTED} onChange={(file) => void add(file)}>
          {(props) => (
            <Button {...props} variant="default" loading={busy}>
              {t("knowledge.files.add")}
            </Button>
          )}
        </FileButton>
      </div>
      {trouble && (
        <p className={styles.bad} role="alert">
          {trouble}
        </p>
      )}
    </section>
  );
}
