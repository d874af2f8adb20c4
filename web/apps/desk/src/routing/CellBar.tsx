/** What is chosen in the grid, in words, and the same acts for the mouse and for fingers. */
import { Button, NumberInput } from "@mantine/core";
import type { Worker } from "@parlons/client/types.ts";
import { Check, X } from "lucide-react";
import { useTexts } from "../i18n/index.ts";
import styles from "./skills.module.css";
import { type Column, type Value, valueOf } from "./skills.ts";

interface Props {
  worker: Worker;
  column: Column;
  put: (worker: Worker, column: Column, value: Value) => void;
}

export function CellBar({ worker, column, put }: Props) {
  const { t } = useTexts();
  const value = valueOf(worker, column);
  const { kind, name } = column;
  const number = typeof value === "number" ? value : "";
  return (
    <div className={styles.bar} role="group" aria-label={t("routing.skills.chosen")}>
      <p>
        <strong>{worker.name}</strong> {t(`routing.skills.column.${kind}`, { name })}
      </p>
      {kind !== "language" && (
        <NumberInput
          key={`${worker.id} ${column.key} ${number}`}
          aria-label={t(`routing.skills.cell.${kind}`, { worker: worker.name, name })}
          className={styles.level}
          defaultValue={number}
          min={0}
          max={1000}
          allowDecimal={false}
          allowNegative={false}
          onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          onBlur={({ currentTarget }) => {
            const typed = currentTarget.value.trim();
            if (typed !== "" && /^\d{1,4}$/.test(typed)) put(worker, column, Math.min(Number(typed), 1000));
          }}
        />
      )}
      {kind !== "capacity" && (
        <Button.Group>
          <Button
            variant="default"
            leftSection={<Check size={14} />}
            aria-pressed={value === true}
            onClick={() => put(worker, column, true)}
          >
            {t(kind === "skill" ? "routing.skills.has" : "routing.skills.speaks")}
          </Button>
          <Button
            variant="default"
            leftSection={<X size={14} />}
            aria-pressed={value === null}
            onClick={() => put(worker, column, null)}
          >
            {t(kind === "skill" ? "routing.skills.hasNot" : "routing.skills.speaksNot")}
          </Button>
        </Button.Group>
      )}
    </div>
  );
}
