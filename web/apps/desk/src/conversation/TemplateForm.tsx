/** When free text may not be sent any more: one of the texts the provider has approved, with its values. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { Template, Way } from "@parlons/client/channels.ts";
import { get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { send } from "../data/sending.ts";
import { useTexts } from "../i18n/index.ts";
import composer from "./composer.module.css";
import { keyLabel } from "../keys/useKeys.ts";
import styles from "./template.module.css";
import { filled, pieces } from "./ways.ts";

/** Null until they are here. */
function useTemplates(accountId: string | null): Template[] | null {
  const [templates, setTemplates] = useState<Template[] | null>(null);
  useEffect(() => {
    if (!accountId) return;
    let here = true;
    setTemplates(null);
    void attempt(get<{ items: Template[] }>(`/channels/${accountId}/templates`)).then(
      (page) => here && setTemplates(page?.items ?? []),
    );
    return () => {
      here = false;
    };
  }, [accountId]);
  return templates;
}

const keyOf = (each: Template): string => `${each.name} ${each.language}`;

function Values({ template, values, set }: { template: Template; values: string[]; set: (values: string[]) => void }) {
  const { t } = useTexts();
  return Array.from({ length: template.values }, (_, at) => (
    <TextInput
      key={at}
      size="xs"
      label={t("channels.template.value", { number: at + 1 })}
      value={values[at] ?? ""}
      onChange={(event) => set(Object.assign([...values], { [at]: event.currentTarget.value }))}
    />
  ));
}

/** As the customer will read it; what is still to be filled in stands out. */
function Preview({ template, given }: { template: Template; given: string[] }) {
  const { t } = useTexts();
  return (
    <p lang={template.language} aria-live="polite">
      {pieces(template.text, given).map(({ text, missing }, at) =>
        missing ? <mark key={at}>{t("channels.template.value", { number: missing })}</mark> : text,
      )}
    </p>
  );
}

interface Props {
  full: ConversationFull;
  way: Way;
  /** The agent has just chosen this way: he goes on here. */
  chosen: boolean;
}

export function TemplateForm({ full, way, chosen: here }: Props) {
  const { t } = useTexts();
  const templates = useTemplates(way.account_id);
  const [chosen, setChosen] = useState("");
  const [values, setValues] = useState<string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  const ready = Boolean(templates?.length);
  useEffect(() => {
    if (here && ready) form.current?.querySelector("select")?.focus();
  }, [here, ready]);
  const template = templates?.find((each) => keyOf(each) === chosen) ?? templates?.find((each) => each.language === full.language) ?? templates?.[0];
  if (!template) return <p className={composer.obstacle}>{t(templates ? "channels.template.none" : "channels.template.asking")}</p>;
  const given = Array.from({ length: template.values }, (_, at) => values[at]?.trim() ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const missing = given.findIndex((each) => !each);
    if (missing >= 0) return form.current?.querySelectorAll("input")[missing]?.focus();
    const { name, language } = template;
    send(full.id, { text: filled(template.text, given), attachments: [], way, template: { name, language, values: given } });
    setValues([]);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  };
  return (
    <form ref={form} className={styles.template} onSubmit={submit} onKeyDown={onKey}>
      <div className={styles.values}>
      <NativeSelect
        size="xs"
        label={t("channels.template.choose")}
        value={keyOf(template)}
        onChange={(event) => {
          setChosen(event.currentTarget.value);
          setValues([]);
        }}
        data={templates!.map((each) => ({ value: keyOf(each), label: `${each.name} (${each.language})` }))}
      />
        <Values template={template} values={values} set={setValues} />
      </div>
      <Preview template={template} given={given} />
      <Button type="submit" className={composer.send} rightSection={<Kbd>{keyLabel("send")}</Kbd>}>
        {t("channels.template.send")}
      </Button>
    </form>
  );
}
