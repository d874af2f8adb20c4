/** A send before it leaves: what is written to whom and when; once kept, how it reads, a trial, and the button that starts it. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { ApiError } from "@parlons/client/http.ts";
import { type FormEvent, useEffect, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { announce, undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { Before } from "./Before.tsx";
import { type Form, formOf, LANGUAGES, NO_WORDS, wantedOf } from "./drafting.ts";
import { Frame } from "./Frame.tsx";
import { SendState } from "./SendState.tsx";
import styles from "./sends.module.css";
import { type Account, keepSend, loadAccounts, removeSend, type Send } from "./sends.ts";
import { Whom } from "./Whom.tsx";
import { TextOf, useVariables } from "./TextOf.tsx";

interface Props {
  send: Send | null;
  put: (send: Send) => void;
}
export type Change = (part: Partial<Form>) => void;

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "Europe/Paris";
const OWN = ["name", "account_id", "starts_at", "per_second", "segment"];

function Pace({ form, change, trouble }: { form: Form; change: Change; trouble: (field: string) => string | undefined }) {
  const { t } = useTexts();
  return (
    <fieldset className={styles.group}>
      <legend>{t("sends.form.when")}</legend>
      <div className={styles.two}>
        <TextInput type="datetime-local" label={t("sends.form.starts")} description={t("sends.form.startsHelp")} value={form.starts} error={trouble("starts_at")} onChange={(event) => change({ starts: event.currentTarget.value })} />
        <TextInput inputMode="decimal" label={t("sends.form.pace")} description={t("sends.form.paceHelp")} value={form.perSecond} error={trouble("per_second")} onChange={(event) => change({ perSecond: event.currentTarget.value })} />
      </div>
      <NativeSelect
        label={t("sends.form.purpose")}
        description={t(`sends.form.purposeHelp.${form.purpose}`)}
        value={form.purpose}
        onChange={(event) => change({ purpose: event.currentTarget.value === "service" ? "service" : "marketing" })}
        data={[
          { value: "marketing", label: t("sends.form.marketing") },
          { value: "service", label: t("sends.form.service") },
        ]}
      />
    </fieldset>
  );
}

interface FieldsProps {
  form: Form;
  change: Change;
  accounts: Account[];
  trouble: (field: string) => string | undefined;
}

function Fields({ form, change, accounts, trouble }: FieldsProps) {
  const { t, locale } = useTexts();
  const variables = useVariables();
  const account = accounts.find((each) => each.id === form.account_id);
  const languages = [...LANGUAGES].sort((a, b) => Number(b === locale) - Number(a === locale));
  return (
    <>
      <TextInput label={t("sends.form.name")} description={t("sends.form.nameHelp")} maxLength={120} value={form.name} error={trouble("name")} onChange={(event) => change({ name: event.currentTarget.value })} />
      <NativeSelect
        label={t("sends.form.by")}
        leftSection={<ChannelIcon channel={account?.channel} />}
        value={form.account_id}
        error={trouble("account_id")}
        onChange={(event) => change({ account_id: event.currentTarget.value })}
        data={accounts.map((each) => ({ value: each.id, label: `${t(`channelName.${each.channel}` as "channelName.sms", { defaultValue: each.channel })} · ${each.address || each.key}` }))}
      />
      {account && !account.capabilities.starts && <p className={styles.quiet}>{t("sends.form.knownOnly")}</p>}
      <Whom form={form} change={change} trouble={trouble("segment")} />
      {account &&
        languages.map((language) => (
          <TextOf
            key={language}
            language={language}
            account={account}
            variables={variables}
            words={form.texts[language] ?? NO_WORDS}
            trouble={trouble}
            onChange={(words) => change({ texts: { ...form.texts, [language]: words } })}
          />
        ))}
      <Pace form={form} change={change} trouble={trouble} />
    </>
  );
}

function Editor({ send, put, accounts }: Props & { accounts: Account[] }) {
  const { t } = useTexts();
  const [form, setForm] = useState(() => formOf(send, accounts));
  const [changed, setChanged] = useState(send === null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<{ field: string; text: string } | null>(null);
  const account = accounts.find((each) => each.id === form.account_id);
  const at = (field: string) => (trouble?.field === field ? trouble.text : undefined);
  const change: Change = (part) => {
    setTrouble(null);
    setChanged(true);
    setForm((before) => ({ ...before, ...part }));
  };
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      const kept = await keepSend(wantedOf(form, account?.capabilities.subject ?? false, send?.zone ?? zone), send);
      announce(t("sends.form.kept"));
      if (send) {
        put({ ...kept, audience: send.audience });
        setChanged(false);
      } else go({ page: "sends", send: kept.id }, true);
    } catch (error) {
      const field = error instanceof ApiError ? String(error.problem.details?.field ?? "") : "";
      const text = OWN.includes(field) ? t(`sends.form.bad.${field as "name"}`) : field === "texts" ? t("sends.form.bad.texts") : cause(error);
      setTrouble({ field, text });
      announce(text, true);
    }
    setBusy(false);
  };
  const placed = trouble && (OWN.includes(trouble.field) || trouble.field.startsWith("texts."));
  return (
    <div className={styles.columns}>
      <form className={styles.form} onSubmit={keep} noValidate aria-label={send?.name ?? t("sends.new")}>
        <Fields form={form} change={change} accounts={accounts} trouble={at} />
        {trouble && !placed && (
          <p className={styles.bad}>
            {trouble.text}
          </p>
        )}
        <div className={styles.foot}>
          <Button type="submit" variant={changed ? "filled" : "default"} aria-disabled={busy}>
            {t("sends.form.keep")}
          </Button>
          {changed && <span className={styles.quiet}>{t("sends.form.keepHelp")}</span>}
        </div>
      </form>
      {send && !changed && <Before key={send.version} send={send} put={put} account={account} />}
    </div>
  );
}

export function Draft({ send, put }: Props) {
  const { t } = useTexts();
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const load = () =>
    loadAccounts()
      .then(setAccounts)
      .then(() => setFailed(null))
      .catch((error: unknown) => setFailed(cause(error)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => void load(), []);
  const gone = (one: Send) => {
    go({ page: "sends", send: null });
    undoable(t("sends.gone", { name: one.name }), () => void attempt(removeSend(one.id)), () => go({ page: "sends", send: one.id }));
  };
  const acts = send && (
    <Button variant="default" onClick={() => gone(send)}>
      {t("sends.remove")}
    </Button>
  );
  return (
    <Frame title={send?.name ?? t("sends.new")} back state={send && <SendState send={send} />} acts={acts} failed={failed} again={load}>
      {accounts?.length === 0 && <p className={styles.none}>{t("sends.noAccount")}</p>}
      {accounts && accounts.length > 0 && <Editor send={send} put={put} accounts={accounts} />}
    </Frame>
  );
}
