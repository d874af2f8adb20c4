/** A person's day: states one after the other as a strip and in words, and what became of his offers. Asked when opened. */
import type { Day } from "@parlons/client/floor.ts";
import { get } from "@parlons/client/http.ts";
import type { Snapshot, Worker } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { rough, time } from "@parlons/ui/format.ts";
import { type Shape, StateGlyph, stateFill } from "@parlons/ui/StateGlyph.tsx";
import { useEffect, useState } from "react";
import { serverNow } from "../data/clock.ts";
import { activityShape } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { activityName } from "../shell/words.ts";
import styles from "./live.module.css";
import look from "./people.module.css";

const ENDED = ["rejected", "timeout"];

interface Spell {
  key: string;
  shape: Shape;
  name: string;
  since: string;
  seconds: number;
}

function spells(day: Day, activities: Snapshot["activities"], nameOf: (id: string, lost: boolean) => string): Spell[] {
  return day.states.map((each) => {
    const shape = activityShape(activities[each.activity_id]);
    const lost = !each.reachable && shape !== "off";
    return {
      key: each.since_at,
      shape: lost ? "lost" : shape,
      name: nameOf(each.activity_id, lost),
      since: each.since_at,
      seconds: Math.max(0, ((each.until_at ? Date.parse(each.until_at) : serverNow()) - Date.parse(each.since_at)) / 1000),
    };
  });
}

function Shown({ day }: { day: Day }) {
  const { t, locale } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const list = spells(day, activities, (id, lost) => (lost ? t("state.lost") : activityName(activities[id], t)));
  const taken = day.contacts.filter((each) => each.accepted_at !== null).length;
  const missed = day.contacts.filter((each) => ENDED.includes(each.status)).length;
  if (list.length === 0 && day.contacts.length === 0) return <p className={styles.none}>{t("floor.day.none")}</p>;
  return (
    <>
      <p className={look.dayFacts}>
        {t("floor.day.taken", { count: taken })} · {t("floor.day.missed", { count: missed })}
      </p>
      <div className={look.strip} aria-hidden="true">
        {list.map((each) => (
          <i key={each.key} style={{ flexGrow: each.seconds, background: stateFill(each.shape) }} />
        ))}
      </div>
      <ol className={look.day}>
        {list
          .filter((each) => each.seconds >= 1)
          .map((each) => (
            <li key={each.key}>
              <span className="num">{time(each.since, locale)}</span> <StateGlyph shape={each.shape} size={9} />{" "}
              <span>{each.name}</span> <span className="num">{rough(each.seconds, locale)}</span>
            </li>
          ))}
      </ol>
    </>
  );
}

export function Today({ worker }: { worker: Worker }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [day, setDay] = useState<Day | "failed" | null>(null);
  useEffect(() => {
    if (!open) return;
    const leave = new AbortController();
    const midnight = new Date(serverNow());
    midnight.setHours(0, 0, 0, 0);
    get<Day>(`/workers/${worker.id}/day?from_at=${encodeURIComponent(midnight.toISOString())}`, leave.signal)
      .then(setDay)
      .catch(() => leave.signal.aborted || setDay("failed"));
    return () => leave.abort();
  }, [open, worker.id, worker.activity_since]);
  return (
    <details className={look.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("floor.day.title")}</summary>
      {day === "failed" ? <p className={styles.none}>{t("floor.day.failed")}</p> : day && <Shown day={day} />}
    </details>
  );
}
