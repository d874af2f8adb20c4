/** A mapping whose names people choose: a row for each, its name and its value. A row without a name counts for nothing. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useContext, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Around, Control, type FieldProps, useWords } from "./Control.tsx";
import { below, fresh, type Json, type Thing } from "./fields.ts";
import styles from "./form.module.css";
import { Frame } from "./Group.tsx";
import { Row } from "./Row.tsx";
import { useSettings } from "./settings.ts";

interface Line {
  id: number;
  name: string;
  value: Json;
}

let counter = 0;

export const lines = (value: Json | undefined): Line[] =>
  Object.entries((value ?? {}) as Thing).map(([name, each]) => ({ id: ++counter, name, value: each }));

export const mappingOf = (all: Line[]): Thing =>
  Object.fromEntries(all.filter((each) => each.name !== "").map((each) => [each.name, each.value]));

function NameOf({ line, keys, label, change }: { line: Line; keys: string | undefined; label: string; change: (name: string) => void }) {
  const { t } = useTexts();
  const things = useSettings((settings) => settings.known?.things[keys ?? ""]);
  const known = Object.keys(things ?? {});
  if (keys && keys !== "date")
    return (
      <NativeSelect
        label={label}
        value={line.name}
        data={[
          ...(line.name ? [] : [{ value: "", label: t("settings.pick") }]),
          ...[...new Set([...known, ...(line.name ? [line.name] : [])])],
        ]}
        onChange={(event) => change(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      label={label}
      type={keys === "date" ? "date" : "text"}
      value={line.name}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

export function Mapping(props: FieldProps) {
  const { t } = useTexts();
  const { defs, kind } = useContext(Around);
  const { field, path, words, labelled } = props;
  const [rows, setRows] = useState(() => lines(props.value));
  const key = useWords(kind, [...words, "key"], undefined).label;
  const each = useWords(kind, [...words, "each"], undefined).label;
  const set = (next: Line[]) => {
    setRows(next);
    props.change(mappingOf(next));
  };
  const replace = (id: number, part: Partial<Line>) =>
    set(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const node = field.inner ?? {};
  return (
    <Frame {...props}>
      <div className={styles.fields}>
        {rows.map((row, index) => (
          <Row
            key={row.id}
            name={row.name || `${labelled} ${index + 1}`}
            remove={() => set(rows.filter((other) => other.id !== row.id))}
          >
            <div className={styles.pair} role="group" aria-label={row.name || `${labelled} ${index + 1}`}>
              <NameOf line={row} keys={field.node.keys} label={key} change={(name) => replace(row.id, { name })} />
              <Control
                node={node}
                bare
                path={below(path, row.name)}
                words={words}
                label={each}
                value={row.value}
                change={(value) => replace(row.id, { value })}
              />
            </div>
          </Row>
        ))}
        <Button
          variant="default"
          size="compact-sm"
          className={styles.add}
          leftSection={<Plus size={14} />}
          aria-label={t("settings.addTo", { name: labelled })}
          onClick={() => set([...rows, { id: ++counter, name: "", value: fresh(node, defs) }])}
        >
          {t("settings.add")}
        </Button>
      </div>
    </Frame>
  );
}
