/** The list above the composer, and beside it what the customer will read. It pushes the log up and hides nothing. */
import { Kbd } from "@parlons/ui/Portrait.tsx";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/index.ts";
import type { Reply } from "./finding.ts";
import { variableName } from "./replies.ts";
import { optionId, type Suggestions } from "./suggesting.ts";
import styles from "./suggest.module.css";

interface Props<T> {
  id: string;
  label: string;
  suggestions: Suggestions<T>;
  show: (item: T) => ReactNode;
  children?: ReactNode;
}

export function Suggest<T extends { id: string }>({ id, label, suggestions, show, children }: Props<T>) {
  const { items, active, setAt, choose } = suggestions;
  if (!active) return null;
  return (
    <div className={styles.box} data-wide={children ? "" : undefined}>
      <div id={id} role="listbox" aria-label={label} className={styles.list} tabIndex={-1}>
        {items.map((item, index) => (
          <div
            key={item.id}
            id={optionId(id, index)}
            role="option"
            tabIndex={-1}
            aria-selected={item === active}
            className={styles.option}
            onMouseMove={() => setAt(index)}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(item)}
          >
            {show(item)}
          </div>
        ))}
      </div>
      {children}
    </div>
  );
}

/** The text as the customer will read it; what was filled in is tinted, what is missing is named. */
export function Preview({ reply, name }: { reply: Reply; name: string }) {
  const { t } = useTexts();
  return (
    <div className={styles.preview}>
      <p className={styles.for}>{t("comfort.replies.preview", { name })}</p>
      <p className={styles.text} lang={reply.language}>
        {reply.pieces.map((piece, index) =>
          piece.missing ? (
            <mark key={index} data-missing="">
              [{variableName(piece.missing, t)}]
            </mark>
          ) : piece.filled ? (
            <mark key={index}>{piece.text}</mark>
          ) : (
            piece.text
          ),
        )}
      </p>
      <p className={styles.keys}>
        <Kbd text>{t("comfort.key.enter")}</Kbd> {t("comfort.replies.insert")}{" "}
        {reply.missing.length === 0 && (
          <>
            <Kbd text>{`${t("key.ctrl")} ${t("key.enter")}`}</Kbd> {t("comfort.replies.send")}{" "}
          </>
        )}
        <Kbd text>{t("comfort.key.escape")}</Kbd> {t("comfort.replies.shut")}
      </p>
    </div>
  );
}
