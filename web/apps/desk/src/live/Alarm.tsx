/** One alarm at most: a sentence with its numbers, and a remedy with its effect foretold. No remedy: a plain line. */
import { Button } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { assign, setActivity } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { activityShape, choices } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { isLate, type Person, type QueueLine, type Remedy, remedy, targetSeconds } from "./figures.ts";
import styles from "./live.module.css";

function Effect({ found }: { found: Remedy }) {
  const { t } = useTexts();
  const now = useNow();
  const time = duration(secondsSince(found.person.worker.activity_since, now));
  return (
    <>
      {t(found.kind === "assign" ? "alarm.free" : "alarm.resting", {
        name: found.person.worker.name,
        time,
      })}
    </>
  );
}

function Act({ found, line }: { found: Remedy; line: QueueLine }) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const { worker } = found.person;
  const first = worker.name.split(" ")[0];
  const ready = choices(activities).find((each) => activityShape(each) === "ready");
  const pending = line.waiting.find((task) => task.status === "pending") ?? line.waiting[0];
  if (found.kind === "assign")
    return pending ? (
      <Button onClick={() => void assign(pending.id, worker.id)}>{t("alarm.assign", { name: first })}</Button>
    ) : null;
  return ready ? (
    <Button onClick={() => void setActivity(worker.id, ready.id)}>{t("alarm.recall", { name: first })}</Button>
  ) : null;
}

export function Alarm({ lines, people }: { lines: QueueLine[]; people: Person[] }) {
  const { t } = useTexts();
  const now = useNow();
  const snapshot = useSnapshot((each) => each);
  const line = lines
    .filter((each) => isLate(each, now))
    .sort((a, b) => (a.oldest ?? "").localeCompare(b.oldest ?? ""))[0];
  if (!line) return null;
  const found = remedy(people, snapshot);
  return (
    <section className={styles.alarm} data-plain={found ? undefined : ""} aria-label={t("alarm.name")}>
      <StateGlyph shape="missed" size={13} />
      <p>
        <b>{t("alarm.title", { queue: line.queue.name })}</b>{" "}
        <span className="num">
          {t("alarm.numbers", {
            count: line.waiting.length,
            longest: duration(secondsSince(line.oldest, now)),
            target: duration(targetSeconds(line) ?? 0),
          })}
        </span>{" "}
        {found ? <Effect found={found} /> : t("alarm.nobody")}
      </p>
      {found && <Act found={found} line={line} />}
    </section>
  );
}
