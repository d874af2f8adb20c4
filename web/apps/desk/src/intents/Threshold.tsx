/** The threshold: what each would do to the phrases as if they were new, drawn and said; chosen by itself or fixed. */
import { Button, Slider } from "@mantine/core";
import { percent } from "@parlons/ui/format.ts";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { putThing } from "../settings/settings.ts";
import styles from "./intents.module.css";
import { consequence, LINES, points, type Report } from "./report.ts";

const [WIDTH, HEIGHT] = [320, 120];

export function Threshold({ report, changed }: { report: Report; changed: () => void }) {
  const { t, locale } = useTexts();
  const [at, setAt] = useState(report.threshold);
  const point = consequence(report.curve, at);
  const fix = async (threshold: number | null) => {
    const done = await attempt(putThing("workspace", "workspace", { intent_threshold: threshold }, { etag: "*" }));
    if (!done) return;
    announce(t("intents.threshold.kept"));
    changed();
  };
  if (!point) return <p className={styles.panel}>{t("intents.threshold.nothing")}</p>;
  return (
    <div className={styles.panel}>
      <p>{report.fixed === null ? t("intents.threshold.chosen", { at: percent(report.chosen, locale) }) : t("intents.threshold.fixed", { at: percent(report.fixed, locale), chosen: percent(report.chosen, locale) })}</p>
      <svg className={styles.curve} viewBox={`-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`} aria-hidden="true">
        <line className={styles.axis} x1={0} y1={HEIGHT} x2={WIDTH} y2={HEIGHT} />
        <line className={styles.at} x1={at * WIDTH} y1={0} x2={at * WIDTH} y2={HEIGHT} />
        {LINES.map((line) => (
          <polyline key={line} data-line={line} points={points(report.curve, line, WIDTH, HEIGHT)} />
        ))}
      </svg>
      <Slider
        thumbLabel={t("intents.threshold.label")}
        label={(value) => percent(value, locale)}
        min={0}
        max={1}
        step={0.02}
        value={at}
        onChange={setAt}
        thumbProps={{ "aria-valuetext": percent(at, locale) }}
      />
      <dl className={styles.figures} aria-label={t("intents.threshold.would", { at: percent(at, locale) })}>
        {LINES.map((line) => (
          <div key={line} data-line={line}>
            <dt>{t(`intents.line.${line}`)}</dt>
            <dd className="num">{percent(point[line], locale)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.small}>{t("intents.threshold.how", { count: report.looked_at })}</p>
      <div className={styles.acts}>
        <Button variant="default" disabled={at === report.fixed} onClick={() => void fix(at)}>
          {t("intents.threshold.fix", { at: percent(at, locale) })}
        </Button>
        {report.fixed !== null && (
          <Button variant="subtle" onClick={() => void fix(null)}>
            {t("intents.threshold.itself")}
          </Button>
        )}
      </div>
    </div>
  );
}
