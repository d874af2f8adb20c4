/** Which intents are taken for each other: the matrix of those that are, the worst pairs, and the phrases that cause it. */
import { percent } from "@parlons/ui/format.ts";
import type { CSSProperties } from "react";
import { address } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./intents.module.css";
import { confused, type Report } from "./report.ts";

const MOST = 20;

function Matrix({ report, shown }: { report: Report; shown: number[] }) {
  const { t } = useTexts();
  const most = Math.max(1, ...shown.map((row) => Math.max(...shown.map((column) => report.matrix[row]?.[column] ?? 0))));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("intents.confusion.matrix")}>
      <table className={styles.matrix}>
        <caption>{t("intents.confusion.matrix")}</caption>
        <thead>
          <tr>
            <td />
            {shown.map((column) => (
              <th key={column} scope="col">
                <span>{report.intents[column]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row}>
              <th scope="row">{report.intents[row]}</th>
              {shown.map((column) => {
                const count = report.matrix[row]?.[column] ?? 0;
                return (
                  <td key={column} className="num" data-own={row === column} data-some={count > 0} style={{ "--share": count / most } as CSSProperties}>
                    {count}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Confusion({ report }: { report: Report }) {
  const { t, locale } = useTexts();
  const shown = confused(report.matrix);
  if (report.looked_at === 0) return <p className={styles.panel}>{t("intents.threshold.nothing")}</p>;
  if (shown.length === 0) return <p className={styles.panel}>{t("intents.confusion.none")}</p>;
  return (
    <div className={styles.panel}>
      <p>{t("intents.confusion.about")}</p>
      <Matrix report={report} shown={shown.slice(0, MOST)} />
      {shown.length > MOST && <p className={styles.small}>{t("intents.confusion.more", { count: shown.length - MOST })}</p>}
      {report.pairs.map((pair) => (
        <section key={`${pair.intent} ${pair.taken_for}`} className={styles.pair}>
          <h3>{t("intents.confusion.pair", { intent: pair.intent, other: pair.taken_for, share: percent(pair.share, locale) })}</h3>
          <ul className={styles.phrases}>
            {pair.phrases.map((each) => (
              <li key={each.phrase}>
                <q>{each.phrase}</q>
                <span>{t("intents.confusion.like", { phrase: each.near })}</span>
              </li>
            ))}
          </ul>
          <a href={address({ page: "settings", section: "intents", name: pair.intent })}>{t("intents.confusion.open", { intent: pair.intent })}</a>
        </section>
      ))}
    </div>
  );
}
