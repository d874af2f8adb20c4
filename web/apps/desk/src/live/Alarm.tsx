/** Broken limits, each a sentence with its numbers and remedies whose effect is foretold. No remedy: a plain line. */
import { Button } from "@mantine/core";
import type { Helper } from "@parlons/client/floor.ts";
import { get } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration, number, percent, time } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useEffect, useState } from "react";
import { assign } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { activityShape, choices } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { forceState, moveFor } from "./acts.ts";
import { type Person, type QueueLine, type Remedy, remedy } from "./figures.ts";
import styles from "./live.module.css";

const SHOWN = 3;
const MOVED_MS = 3_600_000;
const AGAIN_MS = 10_000;
const first = (name: string) => name.split(" ")[0];

/** Who could help, by one more skill; asked of the server, which knows the rules. */
function useHelpers(queueId: string, enabled: boolean): Helper[] {
  const [found, setFound] = useState<Helper[]>([]);
  useEffect(() => {
    if (!enabled) return;
    const leave = new AbortController();
    const ask = () =>
      get<{ items: Helper[] }>(`/queues/${queueId}/helpers`, leave.signal)
        .then(({ items }) => setFound(items))
        .catch(() => undefined);
    void ask();
    const timer = setInterval(ask, AGAIN_MS);
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, [queueId, enabled]);
  return found;
}

function Numbers({ line }: { line: QueueLine }) {
  const { t, locale } = useTexts();
  const now = useNow();
  const alarm = line.alarm!;
  const longest = duration(secondsSince(line.oldest, now));
  const count = line.waiting.length;
  if (alarm.cause === "oldest") return <>{t("alarm.numbers", { count, longest, target: duration(alarm.limit) })}</>;
  if (alarm.cause === "waiting")
    return <>{t("floor.alarm.waiting", { count, limit: number(alarm.limit, locale), longest })}</>;
  const level = percent(line.live?.service_level ?? 0, locale);
  return <>{t("floor.alarm.share", { level, limit: percent(alarm.limit, locale) })}</>;
}

function Effect({ found }: { found: Remedy }) {
  const { t } = useTexts();
  const now = useNow();
  const since = duration(secondsSince(found.person.worker.activity_since, now));
  return <>{t(found.kind === "assign" ? "alarm.free" : "alarm.resting", { name: found.person.worker.name, time: since })}</>;
}

function Act({ found, line, plain }: { found: Remedy; line: QueueLine; plain: boolean }) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const { worker } = found.person;
  const ready = choices(activities).find((each) => activityShape(each) === "ready");
  const pending = line.waiting.find((task) => task.status === "pending") ?? line.waiting[0];
  const variant = plain ? "default" : "filled";
  if (found.kind === "assign")
    return pending ? (
      <Button variant={variant} onClick={() => void assign(pending.id, worker.id)}>
        {t("alarm.assign", { name: first(worker.name) })}
      </Button>
    ) : null;
  return ready ? (
    <Button
      variant={variant}
      onClick={() => void forceState(worker, ready.id, t("alarm.title", { queue: line.queue.name }))}
    >
      {t("alarm.recall", { name: first(worker.name) })}
    </Button>
  ) : null;
}

function MoveAct({ helper, queue }: { helper: Helper; queue: string }) {
  const { t, locale } = useTexts();
  const until = new Date(Math.ceil((Date.now() + MOVED_MS) / 300_000) * 300_000);
  const give = () =>
    void moveFor({ id: helper.worker_id, name: helper.name }, { skills: { [helper.skill]: true } }, until, t("alarm.title", { queue }));
  return (
    <Button onClick={give}>
      {t("floor.alarm.move", { name: first(helper.name), time: time(until.toISOString(), locale) })}
    </Button>
  );
}

function One({ line, people, quiet }: { line: QueueLine; people: Person[]; quiet?: boolean }) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const waits = line.waiting.length > 0;
  const helper = useHelpers(line.queue.id, !quiet && waits)[0];
  const found = waits ? remedy(people, { activities }) : null;
  const effect = helper
    ? t("floor.alarm.helper", { name: helper.name, skill: helper.skill, count: helper.left_ready })
    : found && <Effect found={found} />;
  return (
    <div className={styles.alarm} data-plain={helper || found || quiet ? undefined : ""}>
      <StateGlyph shape="missed" size={13} />
      <p>
        <b>{t("alarm.title", { queue: line.queue.name })}</b>{" "}
        <span className="num">
          <Numbers line={line} />
        </span>{" "}
        {!quiet && (effect ?? (waits ? t("alarm.nobody") : ""))}
      </p>
      {!quiet && helper && <MoveAct helper={helper} queue={line.queue.name} />}
      {!quiet && found && <Act found={found} line={line} plain={Boolean(helper)} />}
    </div>
  );
}

/** `quiet`: the sentences alone, for a display nobody presses. */
export function Alarm({ lines, people, quiet }: { lines: QueueLine[]; people: Person[]; quiet?: boolean }) {
  const { t } = useTexts();
  const broken = lines
    .filter((each) => each.alarm !== null)
    .sort((a, b) => (a.oldest ?? "~").localeCompare(b.oldest ?? "~"));
  if (broken.length === 0) return null;
  return (
    <section aria-label={t("alarm.name")}>
      {broken.slice(0, SHOWN).map((line) => (
        <One key={line.queue.id} line={line} people={people} quiet={quiet} />
      ))}
      {broken.length > SHOWN && (
        <p className={styles.none}>{t("floor.alarm.more", { count: broken.length - SHOWN })}</p>
      )}
    </section>
  );
}
