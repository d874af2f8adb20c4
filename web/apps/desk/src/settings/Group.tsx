/** Fields made of others: parts, lists, mappings. Each is a group with a name, so its controls may have short ones. */
import { Button, Switch } from "@mantine/core";
import { Plus } from "lucide-react";
import { type ReactNode, useContext, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Around, Control, choiceWord, type FieldProps } from "./Control.tsx";
import { Free } from "./Free.tsx";
import { below, fresh, held, type Json, type Node, type Thing } from "./fields.ts";
import { Mapping } from "./Mapping.tsx";
import { Row } from "./Row.tsx";
import styles from "./form.module.css";

const record = (value: Json | undefined): Thing =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};

export function Group(props: FieldProps) {
  const { field, value } = props;
  if (field.nullable && (field.shape === "part" || field.shape === "list")) return <Maybe {...props} />;
  switch (field.shape) {
    case "list":
      return <List {...props} />;
    case "part":
      return <Part {...props} />;
    case "fixed":
      return <Fixed {...props} />;
    case "map":
      return <Mapping {...props} />;
    default:
      return (
        <Frame {...props}>
          <Free value={record(value)} change={props.change} />
        </Frame>
      );
  }
}

export function Frame({ labelled, help, error, children }: FieldProps & { children: ReactNode }) {
  return (
    <fieldset className={styles.group} aria-invalid={error ? true : undefined}>
      <legend>{labelled}</legend>
      {help && <p className={styles.help}>{help}</p>}
      {error && <p className={styles.error}>{error}</p>}
      {children}
    </fieldset>
  );
}

/** A part that may be absent altogether: a switch decides, the part follows. */
function Maybe(props: FieldProps) {
  const { t } = useTexts();
  const { defs, kind } = useContext(Around);
  const there = props.value !== null && props.value !== undefined;
  const { nullable: _, ...field } = props.field;
  const bare = { ...props, field: { ...field, nullable: false } };
  const list = field.shape === "list";
  const word = choiceWord(kind, props.words, list ? "all" : "has");
  const begin = () => props.change(list ? [] : fresh({ ...field.node, default: undefined } as Node, defs));
  return (
    <Frame {...props}>
      <Switch
        label={word === "all" || word === "has" ? t("settings.has") : word}
        checked={list ? !there : there}
        onChange={(event) => ((list ? !event.currentTarget.checked : event.currentTarget.checked) ? begin() : props.change(null))}
      />
      {there && (list ? <Items {...bare} /> : <Parts {...bare} />)}
    </Frame>
  );
}

function Part(props: FieldProps) {
  return props.bare ? (
    <div className={styles.fields} role="group" aria-label={props.labelled}>
      <Parts {...props} />
    </div>
  ) : (
    <Frame {...props}>
      <Parts {...props} />
    </Frame>
  );
}

function Parts({ field, value, change, path, words }: FieldProps) {
  const own = record(value);
  return (
    <div className={styles.fields}>
      {Object.entries(field.node.properties ?? {}).map(([name, node]) => (
        <Control
          key={name}
          node={node}
          path={below(path, name)}
          words={[...words, name]}
          value={held(own, name, node)}
          change={(next) => change({ ...own, [name]: next })}
        />
      ))}
    </div>
  );
}

const List = (props: FieldProps) => (
  <Frame {...props}>
    <Items {...props} />
  </Frame>
);

function Items({ field, value, change, path, words, labelled }: FieldProps) {
  const { t } = useTexts();
  const { defs } = useContext(Around);
  const items = Array.isArray(value) ? value : [];
  const [keys, setKeys] = useState(() => items.map((_, index) => index));
  const node = field.inner ?? {};
  const set = (next: Json[], order: number[]) => {
    setKeys(order);
    change(next);
  };
  const swap = (index: number) => {
    const [next, order] = [[...items], [...keys]];
    [next[index - 1], next[index]] = [next[index]!, next[index - 1]!];
    [order[index - 1], order[index]] = [order[index]!, order[index - 1]!];
    set(next, order);
  };
  const without = <T,>(all: T[], index: number): T[] => all.filter((_, at) => at !== index);
  return (
    <div className={styles.fields}>
      {items.map((item, index) => (
        <Row
          key={keys[index] ?? index}
          name={`${labelled} ${index + 1}`}
          up={index > 0 ? () => swap(index) : undefined}
          remove={() => set(without(items, index), without(keys, index))}
        >
          <Control
            bare
            node={node}
            path={below(path, index)}
            words={words}
            label={`${labelled} ${index + 1}`}
            value={item}
            change={(next) => change(items.map((each, at) => (at === index ? next : each)))}
          />
        </Row>
      ))}
      <Button
        variant="default"
        size="compact-sm"
        className={styles.add}
        leftSection={<Plus size={14} />}
        aria-label={t("settings.addTo", { name: labelled })}
        onClick={() => set([...items, fresh({ ...node, default: undefined } as Node, defs)], [...keys, Math.max(-1, ...keys) + 1])}
      >
        {t("settings.add")}
      </Button>
    </div>
  );
}

/** A mapping whose names are known: days of the week, languages. An empty one is left out. */
function Fixed(props: FieldProps) {
  const { kind, defs } = useContext(Around);
  const { field, change, path, words } = props;
  const own = record(props.value);
  const set = (name: string, next: Json) => {
    const { [name]: _, ...rest } = own;
    const empty = next === "" || next === null || (typeof next === "object" && Object.keys(next).length === 0);
    const all: Thing = empty ? rest : { ...rest, [name]: next };
    change(Object.fromEntries((field.node.propertyNames?.enum ?? []).flatMap((each) => (each in all ? [[each, all[each]!]] : []))));
  };
  const names = field.node.propertyNames?.enum ?? [];
  const parts = (
    <div className={styles.fields}>
      {names.map((name) => (
        <Control
          key={name}
          node={field.inner ?? {}}
          path={below(path, name)}
          words={words}
          label={choiceWord(kind, words, name)}
          value={own[name] ?? fresh(field.inner ?? {}, defs)}
          change={(next) => set(name, next)}
        />
      ))}
    </div>
  );
  return props.bare ? (
    <div role="group" aria-label={props.labelled}>
      {parts}
    </div>
  ) : (
    <Frame {...props}>{parts}</Frame>
  );
}
