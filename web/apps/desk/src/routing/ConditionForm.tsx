/** The field behind a condition: which fact, how it is compared, with what. What has no such form is changed as text. */
import { Autocomplete, Button, NativeSelect, TextInput } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { compareOf, isList, type Kind, operatorsFor, type Parts, partsOf } from "./condition.ts";
import { type Compare, isAlways, type Operator, read, write } from "./expression.ts";
import type { Known } from "./known.ts";
import styles from "./sentence.module.css";

const KINDS: Kind[] = ["text", "number", "yesno", "name"];
const OPS: Record<Operator, "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "contains" | "has" | "in" | "notIn"> = {
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "ge",
  "<": "lt",
  "<=": "le",
  CONTAINS: "contains",
  HAS: "has",
  IN: "in",
  "NOT IN": "notIn",
};

interface Props {
  compare: Compare;
  known: Known;
  change: (compare: Compare) => void;
  remove: (() => void) | null;
  close: () => void;
}

function AsText({ compare, change }: Pick<Props, "compare" | "change">) {
  const { t } = useTexts();
  const [text, setText] = useState(write(compare));
  const node = read(text);
  const fits = node !== null && "op" in node;
  return (
    <TextInput
      label={t("routing.form.text")}
      description={t("routing.form.textHelp")}
      value={text}
      error={fits ? undefined : t("routing.form.unclear")}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        const changed = read(currentTarget.value);
        if (changed && "op" in changed) change(changed);
      }}
    />
  );
}

function Fields({ first, known, change }: { first: Parts; known: Known; change: (compare: Compare) => void }) {
  const { t } = useTexts();
  const [parts, setParts] = useState(first);
  const put = (part: Partial<Parts>) => {
    const next = { ...parts, ...part };
    if (!operatorsFor(next.kind).includes(next.op)) next.op = "==";
    if (next.kind === "yesno" && !["true", "false"].includes(next.value)) next.value = "true";
    setParts(next);
    const compare = compareOf(next);
    if (compare) change(compare);
  };
  const bad = compareOf(parts) === null;
  return (
    <>
      <Autocomplete
        label={t("routing.form.name")}
        data={known.names}
        value={parts.name}
        openOnFocus={false}
        comboboxProps={{ withinPortal: false }}
        onChange={(name) => put({ name })}
      />
      <NativeSelect
        label={t("routing.form.op")}
        value={parts.op}
        data={operatorsFor(parts.kind).map((op) => ({ value: op, label: t(`routing.op.${OPS[op]}`) }))}
        onChange={({ currentTarget }) => put({ op: currentTarget.value as Operator })}
      />
      <NativeSelect
        label={t("routing.form.kind")}
        value={parts.kind}
        data={KINDS.map((kind) => ({ value: kind, label: t(`routing.kind.${kind}`) }))}
        onChange={({ currentTarget }) => put({ kind: currentTarget.value as Kind })}
      />
      {parts.kind === "yesno" ? (
        <NativeSelect
          data-autofocus
          label={t("routing.form.value")}
          value={parts.value}
          data={[
            { value: "true", label: t("routing.yes") },
            { value: "false", label: t("routing.no") },
          ]}
          onChange={({ currentTarget }) => put({ value: currentTarget.value })}
        />
      ) : (
        <Autocomplete
          data-autofocus
          openOnFocus={false}
          label={t("routing.form.value")}
          description={isList(parts.op) && parts.kind !== "name" ? t("routing.form.commas") : undefined}
          data={parts.kind === "name" ? known.names : known.values(parts.name)}
          value={parts.value}
          comboboxProps={{ withinPortal: false }}
          error={bad && parts.name ? t("routing.form.unclear") : undefined}
          onChange={(value) => put({ value })}
        />
      )}
    </>
  );
}

export function ConditionForm({ compare, known, change, remove, close }: Props) {
  const { t } = useTexts();
  const first = isAlways(compare) ? known.first : partsOf(compare);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        close();
      }}
    >
      {first ? <Fields first={first} known={known} change={change} /> : <AsText compare={compare} change={change} />}
      <div className={styles.acts}>
        <Button type="submit" size="compact-sm" variant="default">
          {t("routing.form.done")}
        </Button>
        {remove && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<Trash2 size={14} />}
            onClick={() => {
              remove();
              close();
            }}
          >
            {t("routing.form.remove")}
          </Button>
        )}
      </div>
    </form>
  );
}
