/** A trial as it stands: both sides with how their contacts end, drawn with intervals, and what to make of it; and its end. */
import { Button } from "@mantine/core";
import { duration, number, percent, when } from "@parlons/ui/format.ts";
import type { CSSProperties } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import form from "../settings/form.module.css";
import { loadSettings } from "../settings/settings.ts";
import styles from "./flows.module.css";
import { endTrial, type Figures, OUTCOMES, type Outcome, type Side, type Trial } from "./trials.ts";

const LOOK_MS = 2_000;

interface Props {
  trial: Trial;
  /** Given of one that runs. */
  changed?: () => Promise<void>;
}

export function TrialView({ trial, changed }: Props) {
  const { t, locale } = useTexts();
  const { told, failed } = useAsked<Figures>(`/flows/${trial.flow_id}/trials/${trial.id}`, ({ trial: now }) => (now.ended_at === null ? LOOK_MS : null));
  const end = async (how: "to-all" | "roll-back") => {
    const done = await attempt(endTrial(trial, how));
    await changed?.();
    await loadSettings();
    if (done) announce(t(`tried.ended.${how}`, { number: trial.trial_version, base: trial.base_version }));
  };
  const title = changed ? t("tried.running") : t("tried.trialOf", { number: trial.trial_version, percent: trial.percent });
  return (
    <section className={styles.trial} aria-label={title}>
      {changed && <h3>{title}</h3>}
      <p className={form.quiet}>
        {t("tried.since", { number: trial.trial_version, percent: trial.percent, by: trial.started_by || t("settings.somebody"), when: when(trial.started_at, locale) })}
      </p>
      {failed && <p role="alert" className={form.error}>{failed}</p>}
      {told && (
        <>
          <dl className={styles.sides}>
            {told.sides.map((side) => (
              <Counts key={side.side} side={side} />
            ))}
          </dl>
          <ul className={styles.outcomes}>
            {OUTCOMES.map((outcome) => (
              <Ended key={outcome} outcome={outcome} figures={told} />
            ))}
          </ul>
          <p className={form.help}>{t("tried.method")}</p>
        </>
      )}
      {changed && (
        <div className={form.acts}>
          <Button onClick={() => void end("to-all")}>{t("tried.toAll", { number: trial.trial_version })}</Button>
          <Button variant="default" onClick={() => void end("roll-back")}>
            {t("tried.rollBack", { number: trial.base_version })}
          </Button>
        </div>
      )}
    </section>
  );
}

function Counts({ side }: { side: Side }) {
  const { t, locale } = useTexts();
  return (
    <div data-side={side.side}>
      <dt>
        {t("tried.version", { number: side.version })} <span>{t(`tried.side.${side.side}`)}</span>
      </dt>
      <dd className="num">{t("tried.counts", { begun: number(side.begun, locale), ended: number(side.ended, locale), open: number(side.under_way, locale) })}</dd>
      {side.median_seconds !== null && side.p90_seconds !== null && (
        <dd className="num">{t("tried.lasting", { median: duration(side.median_seconds), p90: duration(side.p90_seconds) })}</dd>
      )}
    </div>
  );
}

function Ended({ outcome, figures }: { outcome: Outcome; figures: Figures }) {
  const { t, locale } = useTexts();
  const { value, low, high, told } = figures.differences[outcome];
  const points = (share: number) => number(Math.round(Math.abs(share) * 1000) / 10, locale);
  const verdict =
    value === null
      ? t("tried.verdict.none")
      : told
        ? t(value > 0 ? "tried.verdict.more" : "tried.verdict.less", { points: points(value), low: points(value > 0 ? low : high), high: points(value > 0 ? high : low) })
        : t("tried.verdict.open");
  return (
    <li aria-label={t(`tried.outcome.${outcome}`)}>
      <p>
        <strong>{t(`tried.outcome.${outcome}`)}</strong> <span data-told={told || undefined}>{verdict}</span>
      </p>
      {figures.sides.map((side) => {
        const one = side.shares[outcome];
        const place = { "--share": one.share ?? 0, "--low": one.low, "--high": one.high } as CSSProperties;
        return (
          <div key={side.side} className={styles.bar} data-side={side.side}>
            <span>{t("tried.version", { number: side.version })}</span>
            <span className={styles.drawn} aria-hidden="true" style={place}>
              {one.share !== null && <i />}
              {one.share !== null && <b />}
            </span>
            <span className="num">
              {one.share === null ? "–" : t("tried.share", { share: percent(one.share, locale, 1), low: percent(one.low, locale, 1), high: percent(one.high, locale, 1), count: one.count })}
            </span>
          </div>
        );
      })}
    </li>
  );
}
