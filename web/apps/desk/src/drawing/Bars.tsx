/** Rows of figures with a bar each: a table first, so that it is read aloud and needs no colour. */
import type { CSSProperties, ReactNode } from "react";
import styles from "./drawing.module.css";
import type { Fill } from "./Strip.tsx";

export interface Row {
  key: string;
  name: ReactNode;
  /** The number as it is read. */
  said: string;
  /** A second one, such as of how many. */
  side?: string;
  /** In [0, 1]; null: there is none, which is no zero. */
  share: number | null;
  fill?: Fill;
}

interface Props {
  title: string;
  /** What stands in the columns of names, of numbers and, if there is one, of second numbers. */
  heads: [string, string, string?];
  rows: Row[];
}

export function Bars({ title, heads: [names, said, side], rows }: Props) {
  return (
    <table className={styles.rows}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{names}</th>
          <th scope="col" className={styles.number}>{said}</th>
          {side && <th scope="col" className={styles.number}>{side}</th>}
          <td className={styles.drawn} />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">{row.name}</th>
            <td className={`${styles.number} num`}>{row.said}</td>
            {side && <td className={`${styles.number} ${styles.side} num`}>{row.side}</td>}
            <td className={styles.drawn}>
              {row.share !== null && (
                <span className={styles.bar} aria-hidden="true">
                  <i data-fill={row.fill ?? "accent"} style={{ "--share": Math.min(1, Math.max(0, row.share)) } as CSSProperties} />
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
