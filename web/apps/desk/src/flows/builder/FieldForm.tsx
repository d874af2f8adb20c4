/** One field of a step by the type that the catalogue tells; a type that is not known is a small YAML text. */
import { Button, NativeSelect, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import "@mantine/core/styles/NumberInput.css";
import { memo, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import { languageName } from "../../shell/words.ts";
import styles from "./form.module.css";
import type { Field } from "./kinds.ts";
import { Picked, useStepNames } from "./Picked.tsx";
import { languagesOf } from "./ports.ts";
import { Rows } from "./Rows.tsx";
import { useBuilder } from "./store.ts";
import { at, dictOf, isDict, textOf, type Value, valueOf } from "./value.ts";
import { choiceWord, fieldHelp, fieldWord } from "./words.ts";
import { isRead, read, write } from "./yaml.ts";

export interface FieldProps {
  field: Omit<Field, "name"> & { name?: string };
  kind: string;
  label: string;
  value: Value | undefined;
  /** Undefined: not set any more. */
  change: (value: Value | undefined) => void;
  loose?: boolean;
}

const NAMED = new Set(["queue", "workflow", "flow", "hours", "firm", "prompt"]);
const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } };

export function FieldForm(props: FieldProps) {
  const { field, kind, label, value, change } = props;
  const help = field.name ? fieldHelp(kind, field.name) : undefined;
  const asText = typeof value === "number" ? String(value) : textOf(value);
  const text = (next: string) => change(next === "" && !field.required ? undefined : next);
  if (field.type === "words") return <Words {...props} help={help} />;
  if (field.type === "step") return <Step {...props} help={help} />;
  if (NAMED.has(field.type)) return <Named {...props} help={help} />;
  if (field.type === "choice" && (typeof value === "string" || value === undefined || value === null)) {
    const fallback = textOf(valueOf(field.default));
    return (
      <NativeSelect
        label={label}
        description={help}
        value={asText || fallback}
        onChange={(event) => change(event.currentTarget.value === fallback && !field.required ? undefined : event.currentTarget.value)}
        data={(field.values ?? []).map((each) => ({ value: each, label: choiceWord(field.name ?? "", each) }))}
      />
    );
  }
  if (field.type === "boolean" && (typeof value === "boolean" || value === undefined))
    return <Switch label={label} description={help} checked={(value ?? field.default) === true} onChange={(event) => change(event.currentTarget.checked === (field.default === true) ? undefined : event.currentTarget.checked)} />;
  if ((field.type === "number" || field.type === "duration") && (typeof value === "number" || value === undefined || value === null))
    return (
      <NumberInput
        label={label}
        description={help}
        value={value ?? ""}
        placeholder={field.default === undefined || field.default === null ? "" : String(field.default)}
        allowDecimal={!field.whole}
        {...(field.minimum === undefined ? {} : { min: field.minimum })}
        {...(field.maximum === undefined ? {} : { max: field.maximum })}
        onChange={(next) => change(typeof next === "number" ? next : undefined)}
      />
    );
  if (field.type === "expression" && (typeof value === "string" || value === undefined))
    return <Textarea label={label} description={help} rows={2} spellCheck={false} styles={MONO} value={asText} onChange={(event) => text(event.currentTarget.value)} />;
  if (field.type === "mapping" || field.type === "list") return <Rows {...props} />;
  if (["text", "variable", "language"].includes(field.type) && (typeof value === "string" || value === undefined || value === null))
    return <TextInput label={label} description={help} spellCheck={field.type === "text"} value={asText} placeholder={textOf(valueOf(field.default))} onChange={(event) => text(event.currentTarget.value)} />;
  return <Raw label={label} help={help} value={value} change={change} />;
}

type Inner = FieldProps & { help: string | undefined };

function Words({ field, label, value, change, help }: Inner) {
  const { t, locale } = useTexts();
  const joined = useBuilder((state) => languagesOf(state.draft.flow).join(" "));
  const languages = joined.split(" ");
  const rows = field.required ? 3 : 2;
  if (!isDict(value)) {
    const text = textOf(value);
    const alone = languages.length === 1;
    return (
      <div className={styles.stack}>
        <Textarea label={alone ? label : `${label} · ${t("drawn.all")}`} description={help} rows={rows} value={text} onChange={(event) => change(event.currentTarget.value || (field.required ? "" : undefined))} />
        {!alone && (
          <Button variant="subtle" size="compact-sm" className={styles.left} onClick={() => change(new Map(languages.map((each) => [each, text])))}>
            {t("drawn.byLanguage")}
          </Button>
        )}
      </div>
    );
  }
  const all = [...new Set([...languages, ...value.keys()])];
  return (
    <fieldset className={styles.words}>
      <legend>{label}</legend>
      {help && <p className={styles.help}>{help}</p>}
      <div>
        {all.map((language) => (
          <Textarea
            key={language}
            label={languageName(language, locale)}
            aria-label={`${label}, ${languageName(language, locale)}`}
            lang={language}
            rows={rows}
            value={textOf(value.get(language))}
            onChange={(event) => change(new Map([...value, [language, event.currentTarget.value]]))}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Step({ label, value, change, help, loose, field }: Inner) {
  const { t } = useTexts();
  const names = useStepNames();
  return <Picked label={label} names={names} value={textOf(value) || null} change={(next) => change(next ?? undefined)} description={help} unset={loose ? t("drawn.loose") : t("drawn.nowhere")} loose={loose ?? false} clearable={!field.required} />;
}

function Named({ field, label, value, change, help }: Inner) {
  const names = useBuilder((state) => state.catalogue.names[field.type]) ?? [];
  return <Picked label={label} names={names} value={textOf(value) || null} change={(next) => change(next ?? undefined)} description={help} />;
}

/** Whatever has no field of its own. */
export function Raw({ label, help, value, change }: { label: string; help?: string | undefined; value: Value | undefined; change: (value: Value | undefined) => void }) {
  const { t } = useTexts();
  const shown = value === undefined || (isDict(value) && value.size === 0) ? "" : write(value, null).trimEnd();
  const [typed, setTyped] = useState<string | null>(null);
  const found = typed === null ? null : read(typed);
  return (
    <Textarea
      label={`${label} · YAML`}
      description={help}
      rows={Math.min(8, Math.max(2, shown.split("\n").length))}
      spellCheck={false}
      styles={MONO}
      value={typed ?? shown}
      error={found && !isRead(found) ? t("drawn.rawBad", { why: found.message }) : undefined}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const now = read(text);
        if (text.trim() === "") change(undefined);
        else if (isRead(now)) change(now.value);
      }}
      onBlur={() => found && isRead(found) && setTyped(null)}
    />
  );
}

/** The fields of a group, such as one choice. */
export function Fields({ fields, kind, value, change, looseAt }: { fields: Field[]; kind: string; value: Value | undefined; change: (field: string, value: Value | undefined) => void; looseAt?: (field: string) => boolean }) {
  const shown = fields.filter((field) => Object.entries(field.only_when ?? {}).every(([name, values]) => values.includes(at(value, [name]) ?? fields.find((each) => each.name === name)?.default)) || dictOf(value).has(field.name));
  return shown.map((field) => <One key={field.name} field={field} kind={kind} value={at(value, [field.name])} change={change} loose={looseAt?.(field.name) ?? false} />);
}

interface OneProps {
  field: Field;
  kind: string;
  value: Value | undefined;
  change: (field: string, value: Value | undefined) => void;
  loose: boolean;
}

/** A field is drawn again only when it is another: what is typed into one leaves the others alone. */
const One = memo(function One({ field, kind, value, change, loose }: OneProps) {
  useTexts();
  return <FieldForm field={field} kind={kind} label={fieldWord(kind, field.name)} value={value} change={(next) => change(field.name, next)} loose={loose} />;
});
