/** Which events an address is told of: all, or those that are checked, with plain words. */
import { Checkbox, Radio } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Radio.css";
import styles from "../people/people.module.css";
import { useTexts } from "../i18n/index.ts";
import own from "./webhooks.module.css";
import { grouped, groupWords, kindWords } from "./webhooks.ts";

interface Props {
  types: string[];
  /** Null: all. */
  value: string[] | null;
  change: (value: string[] | null) => void;
}

export function EventChoice({ types, value, change }: Props) {
  const { t } = useTexts();
  return (
    <fieldset className={styles.bounds}>
      <legend>{t("hooks.events")}</legend>
      <Radio label={t("hooks.all")} checked={value === null} onChange={() => change(null)} />
      <Radio label={t("hooks.some")} checked={value !== null} onChange={() => change(value ?? [])} />
      {value !== null &&
        grouped(types).map(([group, kinds]) => (
          <details key={group} className={own.group} open={kinds.some((each) => value.includes(each))}>
            <summary>
              {groupWords(t, group)} · {kinds.filter((each) => value.includes(each)).length}/{kinds.length}
            </summary>
            {kinds.map((each) => (
              <Checkbox
                key={each}
                label={kindWords(t, each)}
                description={<code>{each}</code>}
                checked={value.includes(each)}
                onChange={(event) =>
                  change(event.currentTarget.checked ? [...value, each] : value.filter((one) => one !== each))
                }
              />
            ))}
          </details>
        ))}
    </fieldset>
  );
}
