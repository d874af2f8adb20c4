/** Why this person (or nobody yet): the answer in one sentence, the times, who was considered, who was not and why. */
import { Button } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import type { Why } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time, timeSeconds } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useEffect, useState } from "react";
import { cause } from "../data/actions.ts";
import { activityShape } from "../data/select.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./why.module.css";
import { answer, candidates, eventLines, excluded, reasonWord } from "./whyWords.ts";

function useWhy(taskId: string): { why: Why | null; error: string | null } {
  const [why, setWhy] = useState<Why | null>(null);
  const [error, setError] = useState<string | null>(null);
  const stamp = useSnapshot((snapshot) => {
    const task = snapshot.tasks[taskId];
    return task ? `${task.status}.${task.worker_id}.${task.queue_id}` : "";
  });
  useEffect(() => {
    const leave = new AbortController();
    get<Why>(`/tasks/${taskId}/why`, leave.signal)
      .then((found) => {
        setWhy(found);
        setError(null);
      })
      .catch((problem: unknown) => !leave.signal.aborted && setError(cause(problem)));
    return () => leave.abort();
  }, [taskId, stamp]);
  return { why, error };
}

function Events({ why }: { why: Why }) {
  const { t, locale } = useTexts();
  const snapshot = useSnapshot((each) => each);
  const lines = eventLines(
    why,
    (id) =>
      snapshot.workers[id]?.name ??
      snapshot.queues[id]?.name ??
      why.candidates.find((each) => each.worker_id === id)?.name ??
      "",
  );
  const start = lines[0] ? Date.parse(lines[0].at) : 0;
  return (
    <section className={styles.section}>
      <h3>{t("why.happened")}</h3>
      <ol className={styles.events}>
        {lines.map((line, index) => (
          <li key={line.key} data-lit={line.lit || undefined}>
            <span className="num" title={time(line.at, locale)}>
              {index === 0 ? timeSeconds(line.at, locale) : `+${((Date.parse(line.at) - start) / 1000).toFixed(3)}`}
            </span>
            <i aria-hidden="true" />
            <div>{line.text}</div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Candidates({ why }: { why: Why }) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const shown = candidates(why);
  const outside = excluded(why, t);
  return (
    <section className={styles.section}>
      <h3>
        {t("why.considered")}{" "}
        <span className="num">{t("why.of", { count: shown.length, all: why.candidates.length })}</span>
      </h3>
      <ul className={styles.people}>
        {shown.map((each) => (
          <li key={each.worker_id} data-chosen={each.chosen || undefined}>
            <StateGlyph
              shape={activityShape(activities[each.activity_id ?? workers[each.worker_id]?.activity_id ?? ""])}
            />
            <span>{each.name || workers[each.worker_id]?.name}</span>
            <span>{each.chosen ? t("why.chosen") : each.eligible ? t("why.eligible") : reasonWord(each, t)}</span>
          </li>
        ))}
      </ul>
      {outside.map((line) => (
        <p key={line} className={styles.out}>
          {line}
        </p>
      ))}
    </section>
  );
}

export function WhyContent({ taskId }: { taskId: string }) {
  const { t } = useTexts();
  const { why, error } = useWhy(taskId);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  if (error) return <p className={styles.none}>{t("why.failed", { cause: error })}</p>;
  if (!why) return <p className={styles.none} aria-busy="true" />;
  const copy = async () => {
    await navigator.clipboard?.writeText(JSON.stringify(why, null, 2));
    toast(t("why.copied"));
  };
  return (
    <>
      <section className={styles.section}>
        <p className={styles.answer}>{answer(why, queues[why.queue_id ?? ""]?.name ?? why.queue_name ?? "", t)}</p>
      </section>
      <Events why={why} />
      {why.complete === false ? <p className={styles.none}>{t("why.incomplete")}</p> : <Candidates why={why} />}
      <div className={styles.foot}>
        <Button variant="subtle" color="gray" size="compact-sm" ml={-8} onClick={() => void copy()}>
          {t("why.copy")}
        </Button>
      </div>
    </>
  );
}
