/** How long the text is as the channel counts: SMS in parts, others in characters too many. Says when the draft was kept. */
import { time } from "@parlons/ui/format.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./composer.module.css";
import { segments } from "./segments.ts";

function Parts({ text }: { text: string }) {
  const { t } = useTexts();
  const { segments: count, left, rare } = segments(text);
  if (count === 0) return null;
  const longer = rare.length > 0 ? t("channels.rare", { signs: rare.slice(0, 5).join(" "), count: rare.length }) : null;
  return (
    <span>
      {t("channels.parts", { count, left })}
      {longer && <span className={styles.rare}> · {longer}</span>}
    </span>
  );
}

interface Props {
  text: string;
  over: number;
  segmented: boolean;
  keptAt: string | null;
}

export function Tally({ text, over, segmented, keptAt }: Props) {
  const { t, locale } = useTexts();
  return (
    <span className={`${styles.kept} num`} aria-live="off">
      {over > 0 ? (
        t("composer.tooLong", { count: over })
      ) : segmented && text ? (
        <Parts text={text} />
      ) : keptAt ? (
        t("composer.kept", { time: time(keptAt, locale) })
      ) : null}
    </span>
  );
}
