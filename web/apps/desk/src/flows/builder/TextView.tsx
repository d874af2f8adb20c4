/** The draft as YAML; what is written here is in the picture as soon as it can be read. */
import { Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./outline.module.css";
import { textNow, typed, useBuilder } from "./store.ts";

const PAUSE_MS = 250;

export function TextView() {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  const broken = useBuilder((state) => state.broken);
  const [text, setText] = useState(textNow);
  const waiting = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: written anew when the draft was changed from elsewhere
  useEffect(() => {
    if (waiting.current !== null) return;
    const now = textNow();
    setText((before) => (before.trimEnd() === now.trimEnd() ? before : now));
  }, [flow]);
  useEffect(() => {
    if (waiting.current === null || waiting.current !== text) return;
    const flush = () => {
      if (waiting.current !== null) typed(waiting.current);
      waiting.current = null;
    };
    const soon = setTimeout(flush, PAUSE_MS);
    return () => clearTimeout(soon);
  }, [text]);
  useEffect(
    () => () => {
      if (waiting.current !== null) typed(waiting.current);
    },
    [],
  );
  return (
    <section className={styles.text} aria-label={t("drawn.view.text")}>
      <Textarea
        label={t("drawn.text")}
        description={t("drawn.textHelp")}
        spellCheck={false}
        value={text}
        error={broken ? t("drawn.textBad", { line: broken.fault.line, why: broken.fault.message || t("drawn.textBadForm") }) : undefined}
        onChange={(event) => {
          waiting.current = event.currentTarget.value;
          setText(event.currentTarget.value);
        }}
      />
    </section>
  );
}
