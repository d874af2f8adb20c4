/** Queues as rows, because rows compare. Each number stands against its target. */
import type { LiveQueue } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration, number, percent } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { type CSSProperties, memo } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { useTexts } from "../i18n/index.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { AlertMenu } from "./AlertMenu.tsx";
import { droppable } from "./dragging.ts";
import { callCounts, type Person, type QueueLine, targetSeconds } from "./figures.ts";
import styles from "./live.module.css";
import own from "./queues.module.css";

type Tone = "ok" | "warn" | "bad";

function tone(live: LiveQueue): Tone {
  if (live.service_level === null || live.target_share === null) return "ok";
  if (live.service_level >= live.target_share) return "ok";
  return live.service_level >= live.target_share - 0.1 ? "warn" : "bad";
}

export function ServiceLevel({ live }: { live: LiveQueue | undefined }) {
  const { t, locale } = useTexts();
  if (!live || live.service_level === null) return <span className={own.faint}>–</span>;
  const target = live.target_share;
  const text = percent(live.service_level, locale);
  return (
    <span className={own.level} data-tone={tone(live)}>
      <span
        className={own.bar}
        style={
          {
            "--share": live.service_level,
            "--target": target ?? 0,
          } as CSSProperties
        }
        aria-hidden="true"
      >
        <i />
        {target !== null && <b />}
      </span>
      <span className="num">{text}</span>
      {target !== null && <span className="hidden">{t("queues.ofTarget", { target: percent(target, locale) })}</span>}
    </span>
  );
}

/** How many of the queue's calls wait and how many are talked. */
function CallsNow({ line }: { line: QueueLine }) {
  const { t } = useTexts();
  const calls = useSnapshot((snapshot) => snapshot.calls);
  const { waiting, talking } = callCounts(calls, line.queue.id);
  if (waiting + talking === 0) return <span className={own.faint}>–</span>;
  return (
    <span className={own.calls}>
      <ChannelIcon channel="voice" />
      <span className="num">
        {[waiting && t("queues.callsWaiting", { count: waiting }), talking && t("queues.callsTalking", { count: talking })]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </span>
  );
}

/** What a queue's row or tile says, from the line and the clock. */
export function useStanding(line: QueueLine) {
  const now = useNow();
  const target = targetSeconds(line);
  const waited = secondsSince(line.oldest, now);
  const late = line.alarm !== null;
  const warn = !late && target !== null && line.oldest !== null && waited > target * 0.8;
  return { late, waited: line.oldest ? duration(waited) : "–", tone: late ? "bad" : warn ? "warn" : undefined } as const;
}

interface RowProps {
  line: QueueLine;
  ready: number;
  busy: number;
  calls: boolean;
  quiet?: boolean;
}

export function Staff({ ready, busy }: { ready: number; busy: number }) {
  const { t } = useTexts();
  return (
    <span className={own.counts}>
      <StateGlyph shape="ready" size={9} />
      <span className="hidden">{t("state.ready")}</span> <span className="num">{ready}</span>
      <StateGlyph shape="contact" size={9} />
      <span className="hidden">{t("state.contact")}</span> <span className="num">{busy}</span>
    </span>
  );
}

/** Only what the row says counts: a floor of a hundred queues is drawn at each frame. */
const same = (a: RowProps, b: RowProps): boolean =>
  a.line.queue === b.line.queue &&
  a.line.live === b.line.live &&
  a.line.oldest === b.line.oldest &&
  a.line.waiting.length === b.line.waiting.length &&
  a.line.alarm?.cause === b.line.alarm?.cause &&
  a.ready === b.ready &&
  a.busy === b.busy &&
  a.calls === b.calls &&
  a.quiet === b.quiet;

const Row = memo(function Row({ line, ready, busy, calls, quiet }: RowProps) {
  const { locale } = useTexts();
  const { late, waited, tone } = useStanding(line);
  const { live, queue } = line;
  return (
    <tr data-late={late || undefined} data-queue={queue.id} {...droppable({ kind: "queue", id: queue.id, name: queue.name })}>
      <th scope="row">{queue.name}</th>
      <td className={own.count} data-zero={line.waiting.length === 0 || undefined}>
        {number(line.waiting.length, locale)}
      </td>
      {calls && (
        <td>
          <CallsNow line={line} />
        </td>
      )}
      <td data-tone={tone} className="num">
        {waited}
      </td>
      <td>
        <ServiceLevel live={live} />
      </td>
      <td>
        <Staff ready={ready} busy={busy} />
      </td>
      <td className="num">
        {live && live.abandoned > 0
          ? `${number(live.abandoned, locale)} · ${percent(live.abandoned / Math.max(1, live.offered), locale, 1)}`
          : "0"}
      </td>
      {!quiet && (
        <td>
          <AlertMenu queue={queue} />
        </td>
      )}
    </tr>
  );
}, same);

export interface QueuesProps {
  lines: QueueLine[];
  people: Person[];
  /** Nothing to press: a display on a wall. */
  quiet?: boolean;
}

const count = (people: Person[], shape: Person["shape"]) => people.filter((each) => each.shape === shape).length;

export function Queues({ lines, people, quiet }: QueuesProps) {
  const { t } = useTexts();
  const calls = useSnapshot((snapshot) =>
    Object.values(snapshot.workers).some((worker) => (worker.channels.voice?.capacity ?? 0) > 0),
  );
  const ready = count(people, "ready");
  const busy = count(people, "contact");
  return (
    <div className={own.scroll} data-scroll>
      <table className={own.queues}>
        <caption className="hidden">{t("queues.name")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("queues.queue")}</th>
            <th scope="col">{t("queues.waiting")}</th>
            {calls && <th scope="col">{t("queues.calls")}</th>}
            <th scope="col">{t("queues.longest")}</th>
            <th scope="col">
              <span className={own.levelHead}>
                {t("queues.level")} <i aria-hidden="true" /> <small>{t("queues.target")}</small>
              </span>
            </th>
            <th scope="col">{t("queues.people")}</th>
            <th scope="col">{t("queues.gaveUp")}</th>
            {!quiet && (
              <th scope="col">
                <span className="hidden">{t("floor.alert.name")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row
              key={line.queue.id}
              line={line}
              ready={line.live?.ready ?? ready}
              busy={line.live?.busy ?? busy}
              calls={calls}
              quiet={quiet}
            />
          ))}
        </tbody>
      </table>
      {lines.length === 0 && <p className={styles.none}>{t("queues.none")}</p>}
    </div>
  );
}
