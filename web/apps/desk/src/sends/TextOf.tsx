/** What is written in one language: own words, or a text the channel's provider has approved with its values. */
import { NativeSelect, TextInput } from "@mantine/core";
import type { Template } from "@parlons/client/channels.ts";
import { get } from "@parlons/client/http.ts";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { inWords, Source } from "../replies/Source.tsx";
import { useSession } from "../data/session.ts";
import { NO_WORDS } from "./drafting.ts";
import styles from "./sends.module.css";
import type { Account, Words } from "./sends.ts";

/** Values a text to many may name: those of its reader and of the firm. */
export function useVariables(): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    get<{ variables: string[] }>("/replies")
      .then(({ variables }) => setNames(variables.filter((each) => each.startsWith("customer.") || each.startsWith("firm."))))
      .catch(() => undefined);
  }, []);
  return names;
}

function useTemplates(account: Account): Template[] {
  const [found, setFound] = useState<Template[]>([]);
  const { id, capabilities } = account;
  useEffect(() => {
    if (!capabilities.templates) return setFound([]);
    get<{ items: Template[] }>(`/channels/${id}/templates`)
      .then(({ items }) => setFound(items))
      .catch(() => setFound([]));
  }, [id, capabilities.templates]);
  return found;
}

interface Props {
  language: string;
  account: Account;
  variables: string[];
  words: Words;
  trouble: (field: string) => string | undefined;
  onChange: (words: Words) => void;
}

export function TextOf({ language, account, variables, words, trouble, onChange }: Props) {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  const templates = useTemplates(account).filter((each) => each.language.slice(0, 2) === language);
  const put = (part: Partial<Words>) => onChange({ ...words, ...part });
  const choose = (name: string) => {
    const chosen = templates.find((each) => each.name === name);
    onChange(chosen ? { ...NO_WORDS, template: name, text: chosen.text, values: Array<string>(chosen.values).fill("") } : NO_WORDS);
  };
  const named = inWords(language, locale);
  return (
    <fieldset className={styles.group}>
      <legend>{t("sends.form.in", { language: named })}</legend>
      {(templates.length > 0 || words.template) && (
        <NativeSelect
          label={t("sends.form.template")}
          value={words.template}
          onChange={(event) => choose(event.currentTarget.value)}
          data={[{ value: "", label: t("sends.form.ownWords") }, ...templates.map((each) => ({ value: each.name, label: each.name }))]}
        />
      )}
      {words.template ? (
        <>
          <blockquote lang={language}>{words.text}</blockquote>
          {words.values.map((value, index) => (
            <TextInput
              key={`${index}`}
              label={t("sends.form.value", { number: index + 1 })}
              description={t("sends.form.valueHelp")}
              value={value}
              onChange={(event) => put({ values: words.values.map((each, at) => (at === index ? event.currentTarget.value : each)) })}
            />
          ))}
        </>
      ) : (
        <>
          {account.capabilities.subject && (
            <TextInput label={t("sends.form.subject", { language: named })} lang={language} maxLength={500} value={words.subject} error={trouble(`texts.${language}.subject`)} onChange={(event) => put({ subject: event.currentTarget.value })} />
          )}
          <Source
            language={language}
            label={t("sends.form.text", { language: named })}
            variables={variables}
            firm={firms.find((each) => each.id === account.firm_id)?.name ?? ""}
            value={words.text}
            error={trouble(`texts.${language}`)}
            disabled={false}
            onChange={(text) => put({ text })}
          />
        </>
      )}
    </fieldset>
  );
}
