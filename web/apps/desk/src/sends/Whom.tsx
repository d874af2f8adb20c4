/** To whom a send goes: customers of the firm who fit, or a list that is uploaded. */
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Radio.css";
import { ActionIcon, Button, Checkbox, Radio, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { inWords } from "../replies/Source.tsx";
import { useTexts } from "../i18n/index.ts";
import type { Change } from "./Draft.tsx";
import { type Form, LANGUAGES } from "./drafting.ts";
import styles from "./sends.module.css";

export function Whom({ form, change, trouble }: { form: Form; change: Change; trouble: string | undefined }) {
  const { t, locale } = useTexts();
  const { conditions } = form;
  const put = (index: number, part: Partial<(typeof conditions)[number]>) =>
    change({ conditions: conditions.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  return (
    <fieldset className={styles.group}>
      <legend>{t("sends.form.whom")}</legend>
      <Radio checked={!form.listed} onChange={() => change({ listed: false })} name="whom" label={t("sends.form.segment")} description={t("sends.form.segmentHelp")} />
      {!form.listed && (
        <div className={styles.inner}>
          <div className={styles.choices} role="group" aria-label={t("sends.form.languages")}>
            {LANGUAGES.map((each) => (
              <Checkbox
                key={each}
                label={t("sends.form.speaks", { language: inWords(each, locale) })}
                checked={form.languages.includes(each)}
                onChange={() => change({ languages: form.languages.includes(each) ? form.languages.filter((one) => one !== each) : [...form.languages, each] })}
              />
            ))}
            <Checkbox label={t("sends.form.proven")} checked={form.proven} onChange={() => change({ proven: !form.proven })} />
          </div>
          {conditions.map((each, index) => (
            <div className={styles.condition} key={`${index}`}>
              <TextInput label={t("sends.form.attribute")} value={each.name} onChange={(event) => put(index, { name: event.currentTarget.value })} />
              <TextInput label={t("sends.form.values")} placeholder={t("sends.form.valuesHint")} value={each.values} onChange={(event) => put(index, { values: event.currentTarget.value })} />
              <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("sends.form.without", { name: each.name || index + 1 })} onClick={() => change({ conditions: conditions.filter((_, at) => at !== index) })}>
                <X size={16} />
              </ActionIcon>
            </div>
          ))}
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />} onClick={() => change({ conditions: [...conditions, { name: "", values: "" }] })}>
            {t("sends.form.condition")}
          </Button>
        </div>
      )}
      <Radio checked={form.listed} onChange={() => change({ listed: true })} name="whom" label={t("sends.form.list")} description={t("sends.form.listHelp")} />
      {trouble && <p className={styles.bad}>{trouble}</p>}
    </fieldset>
  );
}
