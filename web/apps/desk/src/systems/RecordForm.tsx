/** A record changed, or made, from the desk. What was typed stays while the record is read anew. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { changeRecord, type InSystem, labelOf, makeRecord, plain, shownValue, typedOtherwise } from "./records.ts";
import styles from "./systems.module.css";

interface Props {
  customerId: string;
  one: InSystem;
  shut: () => void;
  reload: () => Promise<void>;
}

export function RecordForm({ customerId, one, shut, reload }: Props) {
  const { t, locale } = useTexts();
  const seen = useRef(one.record?.values ?? {});
  const fields = one.fields.filter((field) => field.edit);
  const begin = one.record ? seen.current : one.prefill;
  const [typed, setTyped] = useState(() => Object.fromEntries(fields.map(({ name }) => [name, shownValue(begin[name])])));
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const otherwise = typedOtherwise(typed, seen.current);
    const made = one.record
      ? changeRecord(customerId, one.lookup_id, otherwise, plain(seen.current))
      : makeRecord(customerId, one.lookup_id, otherwise);
    if (Object.keys(otherwise).length && !(await attempt(made.then(() => true)))) return;
    announce(t(one.record ? "systems.saved" : "systems.made"));
    shut();
    await reload();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      {fields.map((field, index) => (
        <TextInput
          key={field.name}
          size="xs"
          data-autofocus={index === 0 || undefined}
          label={labelOf(field, locale)}
          value={typed[field.name] ?? ""}
          maxLength={2000}
          onChange={(event) => setTyped({ ...typed, [field.name]: event.currentTarget.value })}
        />
      ))}
      <div className={styles.acts}>
        <Button size="compact-sm" type="submit">
          {t("systems.save")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={shut}>
          {t("systems.cancel")}
        </Button>
      </div>
    </form>
  );
}
