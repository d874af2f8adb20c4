/** The row of one agent: his name, and what stands in the cells that are in the window. */
import { Check } from "lucide-react";
import { memo } from "react";
import type { Worker } from "@parlons/client/types.ts";
import styles from "./skills.module.css";
import { type Column, read, type Value, valueOf } from "./skills.ts";

export interface Words {
  has: string;
  hasNot: string;
  cell: (worker: string, column: Column) => string;
}

interface EditorProps {
  label: string;
  first: string;
  column: Column;
  done: (value: Value | undefined, move: "down" | "right" | null) => void;
}

function Editor({ label, first, column, done }: EditorProps) {
  return (
    <input
      className={styles.editor}
      // biome-ignore lint/a11y/noAutofocus: opened by the person's own key or click in this very cell
      autoFocus
      inputMode="numeric"
      aria-label={label}
      defaultValue={first}
      onFocus={({ currentTarget }) => currentTarget.setSelectionRange(first.length, first.length)}
      onBlur={({ currentTarget }) => done(read(currentTarget.value, column.kind), null)}
      onKeyDown={(event) => {
        event.stopPropagation();
        const { key, currentTarget } = event;
        if (key === "Escape") done(undefined, null);
        else if (key === "Enter" || key === "Tab") {
          event.preventDefault();
          done(read(currentTarget.value, column.kind), key === "Tab" ? "right" : "down");
        }
      }}
    />
  );
}

function shown(value: Value, column: Column, words: Words) {
  if (value === true) return <Check size={15} aria-label={words.has} />;
  if (value === null) return <span className="hidden">{words.hasNot}</span>;
  return <span data-nought={column.kind === "capacity" && value === 0 ? "" : undefined}>{value}</span>;
}

export interface LineProps {
  id: string;
  worker: Worker;
  row: number;
  columns: readonly Column[];
  left: number;
  width: number;
  height: number;
  side: number;
  /** The chosen cell's column in this row, -1 for none. */
  chosen: number;
  /** What the cell's editor begins with; null: it is not open. */
  editing: string | null;
  words: Words;
  done: EditorProps["done"];
}

export const Line = memo(function Line(props: LineProps) {
  const { id, worker, row, columns, left, width, height, side, chosen, editing, words, done } = props;
  return (
    <div role="row" aria-rowindex={row + 2} className={styles.line} style={{ top: row * height, height }}>
      <div role="rowheader" aria-colindex={1} className={styles.name} style={{ width: side }} title={worker.name}>
        {worker.name}
      </div>
      {columns.map((each, at) => {
        const place = left + at;
        const open = place === chosen && editing !== null;
        return (
          <div
            key={each.key}
            id={`${id}-${row}-${place}`}
            role="gridcell"
            aria-colindex={place + 2}
            aria-selected={place === chosen}
            data-row={row}
            data-column={place}
            data-kind={each.kind}
            className={styles.cell}
            style={{ left: side + place * width, width }}
          >
            {open ? (
              <Editor label={words.cell(worker.name, each)} first={editing} column={each} done={done} />
            ) : (
              shown(valueOf(worker, each), each, words)
            )}
          </div>
        );
      })}
    </div>
  );
});
