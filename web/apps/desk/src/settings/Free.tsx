/** Attributes of any shape as rows: a name, what sort of value it is, the value. Lists and groups nest. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import type { Json, Thing } from "./fields.ts";
import styles from "./form.module.css";
import { lines, mappingOf } from "./Mapping.tsx";
import { Row } from "./Row.tsx";

const SORTS = ["text", "number", "yesno", "list", "group", "nothing"] as const;
type Sort = (typeof SORTS)[number];

function sortOf(value: Json): Sort {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "group";
  if (typeof value === "boolean") return "yesno";
  return typeof value === "number" ? "number" : "text";
}

/** The value as another sort, as far as it can be read so. */
function as(sort: Sort, value: Json): Json {
  const text = value === null || typeof value === "object" ? "" : String(value);
  switch (sort) {
    case "nothing":
      return null;
    case "list":
      return text === "" ? [] : [value];
    case "group":
      return {};
    case "yesno":
      return text === "true" || text === "1";
    case "number":
      return Number.isFinite(Number(text)) ? Number(text) : 0;
    default:
      return text;
  }
}

function Value({ value, change, name }: { value: Json; change: (value: Json) => void; name: string }) {
  const { t } = useTexts();
  const sort = sortOf(value);
  return (
    <>
      <NativeSelect
        label={t("settings.sort.label")}
        value={sort}
        data={SORTS.map((each) => ({ value: each, label: t(`settings.sort.${each}`) }))}
        onChange={(event) => change(as(event.currentTarget.value as Sort, value))}
      />
      {sort === "list" ? (
        <Items items={value as Json[]} change={change} name={name} />
      ) : sort === "group" ? (
        <fieldset className={styles.group}>
          <legend>{name || t("settings.sort.group")}</legend>
          <Free value={value as Thing} change={change} />
        </fieldset>
      ) : sort === "yesno" ? (
        <NativeSelect
          label={t("settings.value")}
          value={String(value)}
          data={[
            { value: "true", label: t("settings.yes") },
            { value: "false", label: t("settings.no") },
          ]}
          onChange={(event) => change(event.currentTarget.value === "true")}
        />
      ) : sort === "nothing" ? null : (
        <TextInput
          label={t("settings.value")}
          type={sort === "number" ? "number" : "text"}
          step="any"
          value={String(value)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            change(sort === "number" ? Number(text) : text);
          }}
        />
      )}
    </>
  );
}

function Items({ items, change, name }: { items: Json[]; change: (value: Json) => void; name: string }) {
  const { t } = useTexts();
  return (
    <fieldset className={styles.group}>
      <legend>{name || t("settings.sort.list")}</legend>
      <div className={styles.fields}>
        {items.map((item, index) => {
          const called = `${name} ${index + 1}`;
          return (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: values have no names, and their controls keep no state
              key={index}
              name={called}
              remove={() => change(items.filter((_, at) => at !== index))}
            >
              <div className={styles.pair} role="group" aria-label={called}>
                <Value
                  value={item}
                  name={called}
                  change={(next) => change(items.map((each, at) => (at === index ? next : each)))}
                />
              </div>
            </Row>
          );
        })}
        <Button
          variant="default"
          size="compact-sm"
          className={styles.add}
          leftSection={<Plus size={14} />}
          aria-label={t("settings.addTo", { name })}
          onClick={() => change([...items, ""])}
        >
          {t("settings.add")}
        </Button>
      </div>
    </fieldset>
  );
}

export function Free({ value, change }: { value: Thing; change: (value: Thing) => void }) {
  const { t } = useTexts();
  const [rows, setRows] = useState(() => lines(value));
  const set = (next: typeof rows) => {
    setRows(next);
    change(mappingOf(next));
  };
  return (
    <div className={styles.fields}>
      {rows.map((row) => (
        <Row
          key={row.id}
          name={row.name || t("settings.value")}
          remove={() => set(rows.filter((other) => other.id !== row.id))}
        >
          <div className={styles.pair} role="group" aria-label={row.name || t("settings.value")}>
            <TextInput
              label={t("settings.name")}
              value={row.name}
              onChange={(event) => {
                const name = event.currentTarget.value;
                set(rows.map((other) => (other.id === row.id ? { ...other, name } : other)));
              }}
            />
            <Value
              value={row.value}
              name={row.name}
              change={(next) => set(rows.map((other) => (other.id === row.id ? { ...other, value: next } : other)))}
            />
          </div>
        </Row>
      ))}
      <Button
        variant="default"
        size="compact-sm"
        className={styles.add}
        leftSection={<Plus size={14} />}
        onClick={() => set([...rows, ...lines({ "": "" })])}
      >
        {t("settings.addValue")}
      </Button>
    </div>
  );
}
