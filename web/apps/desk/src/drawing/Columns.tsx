/** A figure over time: a column for each day or week, a gap where there is none; the same as a table on demand. */
import type { CSSProperties } from "react";
import { useTexts } from "../i18n/index.ts";
import { Bars, type Row } from "./Bars.tsx";
import styles from "./drawing.module.css";

interface Props {
  /** The finding, read aloud in the drawing's place. */
  title: string;
  heads: [string, string, string?];
  rows: (Row & { name: string })[];
}

export function Columns({ title, heads, rows }: Props) {
  const { t } = useTexts();
  return (
    <figure className={styles.columns}>
      <figcaption>{title}</figcaption>
      <div className={styles.plot} aria-hidden="true">
        {rows.map((each) => (
          <span key={each.key} title={`${each.name} · ${each.said}`}>
            {each.share !== null && <i style={{ "--share": Math.max(0.02, each.share) } as CSSProperties} />}
          </span>
        ))}
      </div>
      <p className={styles.ends} aria-hidden="true">
        <span>{rows[0]?.name}</span>
        <span>{rows.at(-1)?.name}</span>
      </p>
      <details>
        <summary>{t("surveyed.asTable")}</summary>
        <Bars title={title} heads={heads} rows={rows.filter((each) => each.share !== null)} />
      </details>
    </figure>
  );
}
