/** People by who needs help: a strip of the states, its legend, a grid; each person opens a panel to help him. */
import { SegmentedControl } from "@mantine/core";
import type { Layout, Move } from "@parlons/client/floor.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { type Shape, StateGlyph, stateFill } from "@parlons/ui/StateGlyph.tsx";
import { useMemo } from "react";
import { useTexts } from "../i18n/index.ts";
import type { Person } from "./figures.ts";
import { skillsOf } from "./figures.ts";
import styles from "./live.module.css";
import { PersonCell } from "./PersonCell.tsx";
import look from "./people.module.css";

const SHAPES: Shape[] = ["ready", "contact", "wrap", "break", "missed", "lost"];

export function Strip({ here }: { here: Person[] }) {
  const { t } = useTexts();
  const counts = SHAPES.map((shape) => [shape, here.filter((each) => each.shape === shape).length] as const).filter(
    ([, count]) => count > 0,
  );
  return (
    <>
      <div className={look.strip} aria-hidden="true">
        {counts.map(([shape, count]) => (
          <i key={shape} style={{ flexGrow: count, background: stateFill(shape) }} />
        ))}
      </div>
      <ul className={look.legend}>
        {counts.map(([shape, count]) => (
          <li key={shape}>
            <StateGlyph shape={shape} size={9} /> <b className="num">{count}</b> {t(`state.${shape}`)}
          </li>
        ))}
      </ul>
    </>
  );
}

type Order = Layout["order"];

function groups(here: Person[], order: Order, other: string): [string, Person[]][] {
  if (order === "attention") return [["", here]];
  if (order === "name") return [["", [...here].sort((a, b) => a.worker.name.localeCompare(b.worker.name))]];
  const bySkill = new Map<string, Person[]>();
  for (const person of here)
    for (const skill of skillsOf(person.worker).length ? skillsOf(person.worker) : [other])
      bySkill.set(skill, [...(bySkill.get(skill) ?? []), person]);
  return [...bySkill].sort(([a], [b]) => a.localeCompare(b));
}

interface Props {
  here: Person[];
  off: Person[];
  order: Order;
  onOrder?: (order: Order) => void;
  /** Nothing to press: a display on a wall. */
  quiet?: boolean;
}

const NONE: Record<string, Move> = {};

export function People({ here, off, order, onOrder, quiet }: Props) {
  const { t } = useTexts();
  const moves = useSnapshot((snapshot) => snapshot.moves ?? NONE);
  const moved = useMemo(() => new Set(Object.values(moves).map((move) => move.worker_id)), [moves]);
  const cells = (list: Person[]) => (
    <ul className={look.grid}>
      {list.map((person) => (
        <PersonCell key={person.worker.id} person={person} moved={moved.has(person.worker.id)} quiet={quiet} />
      ))}
    </ul>
  );
  return (
    <section aria-label={t("people.name")}>
      <div className={styles.heading}>
        <h2>{t("people.name")}</h2> <span>{t("people.signedIn", { count: here.length })}</span>
        {onOrder && (
        <SegmentedControl
          size="xs"
          className={look.order}
          aria-label={t("people.order")}
          value={order}
          onChange={(value) => onOrder(value as Order)}
          data={[
            { value: "attention", label: t("people.byAttention") },
            { value: "skill", label: t("people.bySkill") },
            { value: "name", label: t("people.byName") },
          ]}
        />
        )}
      </div>
      {here.length > 0 ? <Strip here={here} /> : <p className={styles.none}>{t("people.nobody")}</p>}
      {groups(here, order, t("people.noSkill")).map(([title, list]) => (
        <div key={title}>
          {title && <h3 className={look.group}>{title}</h3>}
          {cells(list)}
        </div>
      ))}
      {off.length > 0 && !quiet && (
        <details className={look.off}>
          <summary>{t("people.off", { count: off.length })}</summary>
          {cells(off)}
        </details>
      )}
    </section>
  );
}
