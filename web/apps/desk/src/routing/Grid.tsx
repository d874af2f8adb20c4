/**
 * A grid of agents by skills, languages and capacities, of which only the window is drawn. One tab stop: arrows walk the cells,
 * digits and Enter write, Space gives or takes a skill without a level, Delete takes it away.
 */
import type { Worker } from "@parlons/client/types.ts";
import { type KeyboardEvent, type MouseEvent, useCallback, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Line, type Words } from "./Cells.tsx";
import styles from "./skills.module.css";
import { type Column, type Value, valueOf } from "./skills.ts";
import { useWindow } from "./useWindow.ts";

export interface Place {
  row: number;
  column: number;
}

interface Props {
  workers: readonly Worker[];
  columns: readonly Column[];
  counts: ReadonlyMap<string, number>;
  chosen: Place;
  choose: (place: Place) => void;
  put: (worker: Worker, column: Column, value: Value) => void;
  narrow: boolean;
}

const HEAD = 40;
const ROW = 34;
const COLUMN = 92;

function step(key: string, { row, column }: Place, rows: number, columns: number, page: number, far: boolean): Place | null {
  const at = (r: number, c: number): Place => ({
    row: Math.min(Math.max(r, 0), rows - 1),
    column: Math.min(Math.max(c, 0), columns - 1),
  });
  if (key === "ArrowDown") return at(row + 1, column);
  if (key === "ArrowUp") return at(row - 1, column);
  if (key === "ArrowRight") return at(row, column + 1);
  if (key === "ArrowLeft") return at(row, column - 1);
  if (key === "PageDown") return at(row + page, column);
  if (key === "PageUp") return at(row - page, column);
  if (key === "Home") return at(far ? 0 : row, 0);
  if (key === "End") return at(far ? rows - 1 : row, columns - 1);
  return null;
}

/** Scrolls so far that the cell stands free of the sticky head and name. */
function reveal(box: HTMLElement, { row, column }: Place, side: number): void {
  const top = row * ROW;
  const left = column * COLUMN;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW + HEAD > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + HEAD - box.clientHeight;
  if (left < box.scrollLeft) box.scrollLeft = left;
  else if (left + COLUMN + side > box.scrollLeft + box.clientWidth)
    box.scrollLeft = left + COLUMN + side - box.clientWidth;
}

/** What a key does to the value of a cell; undefined: nothing. */
function byKey(key: string, value: Value, kind: Column["kind"]): Value | undefined {
  if (key === " " && kind !== "capacity") return value === null ? true : null;
  if (key === "Enter" && kind === "language") return value === null ? true : null;
  if (key === "Delete" || key === "Backspace") return kind === "capacity" ? 0 : null;
  return undefined;
}

export function Grid({ workers, columns, counts, chosen, choose, put, narrow }: Props) {
  const { t } = useTexts();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const side = narrow ? 120 : 200;
  const part = useWindow(box, { row: ROW, column: COLUMN, side, head: HEAD });
  const words = useMemo<Words>(
    () => ({
      has: t("routing.skills.has"),
      hasNot: t("routing.skills.hasNot"),
      cell: (worker, { kind, name }) => t(`routing.skills.cell.${kind}`, { worker, name }),
    }),
    [t],
  );
  useLayoutEffect(() => {
    if (box.current) reveal(box.current, chosen, side);
  }, [chosen, side]);
  const worker = workers[chosen.row];
  const column = columns[chosen.column];
  const close = useCallback(
    (value: Value | undefined, move: "down" | "right" | null) => {
      setEditing(null);
      if (worker && column && value !== undefined) put(worker, column, value);
      if (move === "down") choose({ row: Math.min(chosen.row + 1, workers.length - 1), column: chosen.column });
      if (move === "right") choose({ row: chosen.row, column: Math.min(chosen.column + 1, columns.length - 1) });
      box.current?.focus({ preventScroll: true });
    },
    [worker, column, put, choose, chosen, workers.length, columns.length],
  );
  const open = (first: string) => column && column.kind !== "language" && setEditing(first);
  const onKey = (event: KeyboardEvent) => {
    if (!worker || !column || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(((box.current?.clientHeight ?? 0) - HEAD) / ROW) - 1);
    const to = step(event.key, chosen, workers.length, columns.length, page, event.ctrlKey);
    if (!to && event.ctrlKey) return;
    const value = valueOf(worker, column);
    const changed = byKey(event.key, value, column.kind);
    if (to) choose(to);
    else if (changed !== undefined) put(worker, column, changed);
    else if (/^\d$/.test(event.key)) open(event.key);
    else if (event.key === "Enter" || event.key === "F2") open(typeof value === "number" ? String(value) : "");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-column]");
    if (!cell || editing !== null || event.target instanceof HTMLInputElement) return;
    const place = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
    choose(place);
    const clicked = workers[place.row];
    const of = columns[place.column];
    if (event.detail !== 2 || !clicked || !of) return;
    const value = valueOf(clicked, of);
    if (of.kind === "language") put(clicked, of, value === null ? true : null);
    else setEditing(typeof value === "number" ? String(value) : "");
  };
  const rows = workers.slice(part.top, part.bottom);
  const drawn = columns.slice(part.left, part.right);
  const held = chosen.row >= part.top && chosen.row < part.bottom && chosen.column >= part.left && chosen.column < part.right;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard here too
    <div
      ref={box}
      role="grid"
      tabIndex={0}
      className={styles.grid}
      aria-label={t("routing.skills.grid")}
      aria-rowcount={workers.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={held ? `${id}-${chosen.row}-${chosen.column}` : undefined}
      onKeyDown={onKey}
      onClick={onClick}
      data-scroll
    >
      <div role="rowgroup" className={styles.head} style={{ width: side + columns.length * COLUMN, height: HEAD }}>
        <div role="row" aria-rowindex={1}>
          <div role="columnheader" aria-colindex={1} className={styles.corner} style={{ width: side }}>
            {t("routing.skills.agent")}
          </div>
          {drawn.map((each, at) => (
            <div
              key={each.key}
              role="columnheader"
              aria-colindex={part.left + at + 2}
              className={styles.column}
              data-kind={each.kind}
              style={{ left: side + (part.left + at) * COLUMN, width: COLUMN }}
              title={t(`routing.skills.column.${each.kind}`, { name: each.name })}
            >
              <span className="hidden">{t(`routing.skills.kind.${each.kind}`)} </span>
              <span>{each.name}</span>
              <small className="num">{counts.get(each.key)}</small>
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={styles.body}
        style={{ width: side + columns.length * COLUMN, height: workers.length * ROW }}
      >
        {rows.map((each, at) => (
          <Line
            key={each.id}
            id={id}
            worker={each}
            row={part.top + at}
            columns={drawn}
            left={part.left}
            width={COLUMN}
            height={ROW}
            side={side}
            chosen={part.top + at === chosen.row ? chosen.column : -1}
            editing={part.top + at === chosen.row ? editing : null}
            words={words}
            done={close}
          />
        ))}
      </div>
    </div>
  );
}
