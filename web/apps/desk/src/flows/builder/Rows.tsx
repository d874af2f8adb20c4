/** A field with rows: choices by key, cases one after the other, headers, attributes. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useTexts } from "../../i18n/index.ts";
import { FieldForm, type FieldProps, Fields, Raw } from "./FieldForm.tsx";
import styles from "./form.module.css";
import type { Field } from "./kinds.ts";
import { dictOf, drop, isDict, listOf, put, renamed, textOf, type Value } from "./value.ts";
import { fieldHelp } from "./words.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"];
/** Fields whose keys are those of a telephone. */
const KEYED = new Set(["choices", "keys"]);

function blankOf(of: Omit<Field, "name"> | undefined): Value {
  if (of?.type === "group") return new Map((of.fields ?? []).filter(({ required }) => required).map(({ name }) => [name, ""]));
  return "";
}

export function Rows({ field, kind, label, value, change, loose }: FieldProps) {
  const { t } = useTexts();
  const isList = field.type === "list";
  if (value !== undefined && value !== null && (isList ? !Array.isArray(value) : !isDict(value))) return <Raw label={label} value={value} change={change} />;
  const rows: [string, Value][] = isList ? listOf(value).map((each, index) => [String(index), each]) : [...dictOf(value)];
  const keyed = KEYED.has(field.name ?? "");
  const help = field.name ? fieldHelp(kind, field.name) : undefined;
  const set = (key: string, inside: Value | undefined) => {
    const now: Value = value ?? (isList ? [] : new Map());
    if (inside === undefined && isDict(now)) change(new Map(now).set(key, field.of?.type === "group" ? new Map() : ""));
    else change(put(now, [key], inside ?? ""));
  };
  const remove = (key: string) => {
    const left = drop(value ?? null, [key]);
    change((Array.isArray(left) ? left.length : dictOf(left).size) > 0 || field.required ? left : undefined);
  };
  const add = () => {
    if (isList) return change([...listOf(value), blankOf(field.of)]);
    const taken = dictOf(value);
    const free = (keyed ? KEYS.find((key) => !taken.has(key)) : undefined) ?? next(taken.size + 1, (name) => taken.has(name));
    change(new Map([...taken, [free, blankOf(field.of)]]));
  };
  return (
    <fieldset className={styles.rows} data-loose={loose || undefined}>
      <legend>{label}</legend>
      {help && <p className={styles.help}>{help}</p>}
      {rows.map(([key, inside], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row keeps its place while its key is typed
        <div key={index} className={styles.row} role="group" aria-label={`${label} ${isList ? index + 1 : key}`}>
          <div className={styles.cells}>
            {!isList && <RowKey label={t(keyed ? "drawn.rowKey" : "drawn.rowName")} name={key} taken={(name) => dictOf(value).has(name)} rename={(name) => change(renamed(dictOf(value), key, name))} />}
            {field.of?.type === "group" ? (
              <Fields fields={field.of.fields ?? []} kind={kind} value={inside} change={(name, each) => set(key, each === undefined ? dropped(inside, name) : put(isDict(inside) ? inside : new Map(), [name], each))} />
            ) : (
              <FieldForm field={field.of ?? { type: "value" }} kind={kind} label={isList ? String(index + 1) : t("drawn.rowValue")} value={inside} change={(each) => set(key, each)} />
            )}
          </div>
          <ActionIcon aria-label={t("drawn.removeRow", { what: `${label} ${isList ? index + 1 : key}` })} onClick={() => remove(key)}>
            <X size={16} />
          </ActionIcon>
        </div>
      ))}
      <Button variant="default" size="compact-sm" leftSection={<Plus size={14} />} className={styles.left} onClick={add}>
        {t("drawn.addKey", { what: label.toLowerCase() })}
      </Button>
    </fieldset>
  );
}

function dropped(inside: Value, name: string): Value {
  const left = new Map(dictOf(inside));
  left.delete(name);
  return left;
}

const next = (from: number, taken: (name: string) => boolean): string => {
  for (let number = from; ; number++) if (!taken(`name_${number}`)) return `name_${number}`;
};

/** The key of a row: becomes the row's when the field is left and nobody has it. */
function RowKey({ label, name, taken, rename }: { label: string; name: string; taken: (name: string) => boolean; rename: (name: string) => void }) {
  return (
    <TextInput
      key={name}
      label={label}
      className={styles.rowKey}
      defaultValue={name}
      onBlur={(event) => {
        const wanted = textOf(event.currentTarget.value).trim();
        if (wanted && wanted !== name && !taken(wanted)) rename(wanted);
        else event.currentTarget.value = name;
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
