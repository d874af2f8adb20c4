/** One field of a form, by its schema: the label, the help, the control, and what the server says of it. */
import { NativeSelect, PasswordInput, Switch, Textarea, TextInput } from "@mantine/core";
import i18next, { type ParseKeys } from "i18next";
import { createContext, useContext, useId } from "react";
import { useTexts } from "../i18n/index.ts";
import { type Fault, type Field, faultsAt, fieldOf, type Json, type Node, said, type Thing, textKey } from "./fields.ts";
import styles from "./form.module.css";
import { Group } from "./Group.tsx";
import { useSettings } from "./settings.ts";

export interface Around {
  kind: string;
  defs: Record<string, Node>;
  faults: Fault[];
  thing: Thing;
}

export const Around = createContext<Around>({ kind: "", defs: {}, faults: [], thing: {} });

export interface ControlProps {
  node: Node;
  /** As the server names it. */
  path: string;
  /** The words of the model that lead here: they name its texts. */
  words: string[];
  value: Json;
  change: (value: Json) => void;
  /** Instead of the label of its words: a position, a day, a language. */
  label?: string;
  bare?: boolean;
}

const optional = (key: string): string | undefined =>
  i18next.exists(key) ? (i18next.t(key as ParseKeys) as string) : undefined;

/** Label and help of a field; a word without a text of its own shows itself. */
export function useWords(kind: string, words: string[], label?: string, node: Node = {}): { label: string; help: string | undefined } {
  useTexts();
  const key = textKey(kind, words);
  return {
    label: label ?? optional(`${key}.at`) ?? (node.description ? node.title : undefined) ?? words.at(-1) ?? "",
    help: label === undefined ? (optional(`${key}.why`) ?? (optional(`${key}.at`) ? undefined : node.description)) : undefined,
  };
}

/** The word for a choice, such as FIFO. */
export function choiceWord(kind: string, words: string[], value: string): string {
  return optional(`${textKey(kind, words)}.${value}`) ?? optional(`settings.choice.${value}`) ?? value;
}

/** The words for a kind of mistake. */
export const faultWord = (code: string): string | undefined => (code ? optional(`settings.fault.${code}`) : undefined);

/** The word for no choice: what is chosen has its own (all firms, no queue), and its gender. */
const emptyWord = (refers: string): string => optional(`settings.kind.${refers}.none`) ?? i18next.t("settings.none");

export function Control(props: ControlProps) {
  const { defs, faults, kind } = useContext(Around);
  const field = fieldOf(props.node, defs);
  const { label, help } = useWords(kind, props.words, props.label, props.node);
  const own = faultsAt(faults, props.path);
  const error = own.length ? [...new Set(own.map((each) => said(each, faultWord, props.value)))].join(" ") : undefined;
  const inner = { ...props, field, labelled: label, help, error };
  return (
    <div data-field={props.path}>
      {["list", "part", "fixed", "map", "free"].includes(field.shape) ? <Group {...inner} /> : <Plain {...inner} />}
    </div>
  );
}

export interface FieldProps extends ControlProps {
  field: Field;
  labelled: string;
  help: string | undefined;
  error: string | undefined;
}

function Plain(props: FieldProps) {
  switch (props.field.shape) {
    case "secret":
      return <Secret {...props} />;
    case "yesno":
      return <YesNo {...props} />;
    case "choice":
    case "name":
      return <Choice {...props} />;
    case "number":
      return <Numeric {...props} />;
    default:
      return <Words {...props} />;
  }
}

const shown = ({ labelled, help, error }: FieldProps) => ({ label: labelled, description: help, error });

function Secret(props: FieldProps) {
  const { t } = useTexts();
  const value = props.value as { value?: string; known?: boolean } | null;
  const kept: Thing = value?.known ? { known: true } : {};
  const write = (text: string) => props.change(text ? { ...kept, value: text } : value?.known ? kept : null);
  return (
    <PasswordInput
      {...shown(props)}
      autoComplete="new-password"
      placeholder={value?.known ? t("settings.secretKept") : undefined}
      value={value?.value ?? ""}
      onChange={(event) => write(event.currentTarget.value)}
      visibilityToggleButtonProps={{ "aria-label": t("settings.show", { name: props.labelled }) }}
    />
  );
}

function YesNo(props: FieldProps) {
  const { t } = useTexts();
  const id = useId();
  if (!props.field.nullable)
    return (
      <>
        <Switch
          label={props.labelled}
          error={props.error}
          aria-describedby={props.help ? id : undefined}
          checked={props.value === true}
          onChange={(event) => props.change(event.currentTarget.checked)}
        />
        {props.help && (
          <p id={id} className={styles.under}>
            {props.help}
          </p>
        )}
      </>
    );
  return (
    <NativeSelect
      {...shown(props)}
      value={props.value === null ? "" : String(props.value)}
      onChange={(event) => props.change(event.currentTarget.value === "" ? null : event.currentTarget.value === "true")}
      data={[
        { value: "", label: t("settings.itself") },
        { value: "true", label: t("settings.yes") },
        { value: "false", label: t("settings.no") },
      ]}
    />
  );
}

const MANY = 300;

/** Names of what may be meant; opening hours are those of the thing's own firm. */
function useNames(refers: string): string[] {
  const { kind, thing } = useContext(Around);
  const things = useSettings((settings) => settings.known?.things[refers]);
  const firm = kind === "firm" ? thing.name : thing.firm;
  return Object.values(things ?? {})
    .filter((each) => refers !== "hours" || each.thing.firm === firm)
    .map((each) => (refers === "hours" ? String(each.thing.name) : each.name));
}

function Choice(props: FieldProps) {
  const { t } = useTexts();
  const { kind } = useContext(Around);
  const id = useId();
  const { node, nullable } = props.field;
  const names = useNames(node.refers ?? "");
  const value = typeof props.value === "string" ? props.value : "";
  const known = node.enum ?? [...(node.presets ?? []), ...names];
  const options = value === "" || known.includes(value) ? known : [value, ...known];
  const change = (chosen: string) => props.change(chosen === "" && nullable ? null : chosen);
  if (options.length > MANY)
    return (
      <>
        <TextInput {...shown(props)} value={value} list={id} onChange={(event) => change(event.currentTarget.value)} />
        <datalist id={id}>
          {options.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </>
    );
  const empty = nullable || value === "" ? [{ value: "", label: nullable ? emptyWord(node.refers ?? "") : t("settings.pick") }] : [];
  return (
    <NativeSelect
      {...shown(props)}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      data={[
        ...empty,
        ...options.map((each) => ({ value: each, label: node.enum || node.presets?.includes(each) ? choiceWord(kind, props.words, each) : each })),
      ]}
    />
  );
}

function Numeric(props: FieldProps) {
  const { node, nullable } = props.field;
  return (
    <TextInput
      {...shown(props)}
      type="number"
      inputMode="decimal"
      min={node.minimum}
      max={node.maximum}
      step={node.type === "integer" ? 1 : "any"}
      styles={{ wrapper: { width: 160 } }}
      value={typeof props.value === "number" ? props.value : props.value === null ? "" : String(props.value ?? "")}
      onChange={(event) => {
        const text = event.currentTarget.value;
        props.change(text === "" ? (nullable ? null : "") : Number(text));
      }}
    />
  );
}

function Words(props: FieldProps) {
  const { shape, nullable } = props.field;
  const value = typeof props.value === "string" ? props.value : "";
  const change = (text: string) => props.change(text === "" && nullable ? null : text);
  if (shape === "expression" || shape === "long")
    return (
      <Textarea
        {...shown(props)}
        rows={2}
        spellCheck={shape === "long"}
        styles={shape === "expression" ? { input: { fontFamily: "var(--mantine-font-family-monospace)" } } : {}}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
      />
    );
  return <TextInput {...shown(props)} value={value} onChange={(event) => change(event.currentTarget.value)} />;
}
