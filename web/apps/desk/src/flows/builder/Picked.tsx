/** A field that picks a name out of many by typing: a step, a queue, a firm. */
import { Select } from "@mantine/core";
import "@mantine/core/styles/Combobox.css";
import "@mantine/core/styles/ScrollArea.css";
import { type KeyboardEvent, useMemo } from "react";
import { useTexts } from "../../i18n/index.ts";
import { stepsOf } from "./ports.ts";
import { useBuilder } from "./store.ts";

const SHOWN = 100;

interface Props {
  label: string;
  names: readonly string[];
  value: string | null;
  change: (value: string | null) => void;
  clearable?: boolean;
  description?: string | undefined;
  /** Said in place of a value that is not set. */
  unset?: string;
  loose?: boolean;
  focus?: boolean;
}

export function Picked({ label, names, value, change, clearable = true, description, unset, loose, focus }: Props) {
  const { t } = useTexts();
  const data = useMemo(() => {
    const all = names.map((name) => ({ value: name, label: name }));
    return value && !names.includes(value) ? [{ value, label: t("drawn.notThere", { name: value }) }, ...all] : all;
  }, [names, value, t]);
  // A name typed whole is meant, also where the list has marked nothing by the time Enter comes.
  const typed = (event: KeyboardEvent<HTMLInputElement>) => {
    const { value: text } = event.currentTarget;
    const meant = event.key === "Enter" && data.find((each) => each.label === text);
    if (!meant || meant.value === value) return;
    event.preventDefault();
    change(meant.value);
  };
  return (
    <Select
      label={label}
      description={description}
      data={data}
      value={value}
      onChange={change}
      searchable
      selectFirstOptionOnChange
      allowDeselect={false}
      onKeyDown={typed}
      clearable={clearable && value !== null}
      clearButtonProps={{ "aria-label": t("drawn.removeRow", { what: label }) }}
      limit={SHOWN}
      placeholder={unset}
      data-autofocus={focus || undefined}
      nothingFoundMessage={t("drawn.found", { count: 0 })}
      comboboxProps={{ withinPortal: true }}
      styles={loose ? { wrapper: { "--input-bd": "var(--p-warnFill)" } } : {}}
    />
  );
}

/** The names of every step; the same list as long as no step comes, goes or is called otherwise. */
export function useStepNames(): readonly string[] {
  const joined = useBuilder((state) => [...stepsOf(state.draft.flow).keys()].join("\n"));
  return useMemo(() => (joined ? joined.split("\n") : []), [joined]);
}
