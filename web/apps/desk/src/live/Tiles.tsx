/** Queues as tiles: each number beside its target, never alone. For who looks from afar, or has few queues. */
import { duration, number } from "@parlons/ui/format.ts";
import { memo } from "react";
import { useTexts } from "../i18n/index.ts";
import { AlertMenu } from "./AlertMenu.tsx";
import { droppable } from "./dragging.ts";
import { type QueueLine, targetSeconds } from "./figures.ts";
import styles from "./live.module.css";
import { type QueuesProps, ServiceLevel, Staff, useStanding } from "./Queues.tsx";
import look from "./tiles.module.css";

const Tile = memo(function Tile({ line, quiet }: { line: QueueLine; quiet?: boolean }) {
  const { t, locale } = useTexts();
  const { late, waited, tone } = useStanding(line);
  const { queue, live } = line;
  return (
    <li
      className={look.tile}
      data-late={late || undefined}
      data-queue={queue.id}
      {...droppable({ kind: "queue", id: queue.id, name: queue.name })}
    >
      <h3>
        {queue.name} {!quiet && <AlertMenu queue={queue} />}
      </h3>
      <p className={look.figure}>
        <span className="num">{number(line.waiting.length, locale)}</span> {t("floor.tile.waiting", { count: line.waiting.length })}
      </p>
      <p data-tone={tone} className="num">
        {t("floor.tile.longest", { time: waited, target: duration(targetSeconds(line) ?? 0) })}
      </p>
      <div className={look.foot}>
        <ServiceLevel live={live} />
        {live && <Staff ready={live.ready} busy={live.busy} />}
      </div>
    </li>
  );
}, (a, b) =>
  a.line.queue === b.line.queue &&
  a.line.live === b.line.live &&
  a.line.oldest === b.line.oldest &&
  a.line.waiting.length === b.line.waiting.length &&
  a.line.alarm?.cause === b.line.alarm?.cause);

export function Tiles({ lines, quiet }: QueuesProps) {
  const { t } = useTexts();
  return (
    <section aria-label={t("queues.name")}>
      <ul className={look.tiles}>
        {lines.map((line) => (
          <Tile key={line.queue.id} line={line} quiet={quiet} />
        ))}
      </ul>
      {lines.length === 0 && <p className={styles.none}>{t("queues.none")}</p>}
    </section>
  );
}
