/** Which firms and queues somebody's rights reach: all of them, or those that are checked. */
import { Checkbox, Radio } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Radio.css";
import type { Id } from "@parlons/client/types.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./people.module.css";

interface Props {
  legend: string;
  all: string;
  some: string;
  /** Whether the one who gives them has all of them himself. */
  mayAll: boolean;
  choices: { id: Id; name: string }[];
  value: Id[] | null;
  change: (value: Id[] | null) => void;
  fault?: string | undefined;
}

export function Bounds({ legend, all, some, mayAll, choices, value, change, fault }: Props) {
  const { t } = useTexts();
  return (
    <fieldset className={styles.bounds}>
      <legend>{legend}</legend>
      <Radio label={all} checked={value === null} disabled={!mayAll} onChange={() => change(null)} />
      <Radio label={some} checked={value !== null} onChange={() => change(value ?? [])} />
      {value !== null && (
        <div className={styles.choices}>
          {choices.map((each) => (
            <Checkbox
              key={each.id}
              label={each.name}
              checked={value.includes(each.id)}
              onChange={(event) =>
                change(event.currentTarget.checked ? [...value, each.id] : value.filter((id) => id !== each.id))
              }
            />
          ))}
          {choices.length === 0 && <p className={styles.quiet}>{t("staff.noChoices")}</p>}
        </div>
      )}
      {fault && <p className={styles.bad}>{fault}</p>}
    </fieldset>
  );
}
