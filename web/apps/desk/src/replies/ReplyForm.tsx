/** One ready reply: what it is called, for whom it is, and its text in each language beside how a customer would read it. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { ApiError } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { type FormEvent, useState } from "react";
import { cause } from "../data/actions.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Earlier } from "./Earlier.tsx";
import { useMayChange } from "./RepliesPage.tsx";
import styles from "./replies.module.css";
import { type Draft, keepReply, shortcutOf, type Text } from "./replies.ts";
import { inWords, Source } from "./Source.tsx";

interface Props {
  text: Text | null;
  told: { languages: string[]; variables: string[] };
  done: () => void;
}

interface Trouble {
  field: string;
  text: string;
}

/** The refusal at the field where it belongs. */
function useTrouble(): [Trouble | null, (error: unknown) => void, () => void] {
  const { t } = useTexts();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const take = (error: unknown) => {
    const details = error instanceof ApiError ? (error.problem.details ?? {}) : {};
    const unknown = error instanceof ApiError && error.problem.code === "unknown-variable";
    const text = unknown ? t("comfort.replies.unknown", { name: String(details.name) }) : cause(error);
    setTrouble({ field: String(details.field ?? ""), text });
    announce(text, true);
  };
  return [trouble, take, () => setTrouble(null)];
}

function Places({ draft, change, disabled }: { draft: Draft; change: (part: Partial<Draft>) => void; disabled: boolean }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const firms = me?.firms ?? [];
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const all = me?.user.firm_ids == null;
  const choices = firms.map((each) => ({ value: each.id, label: each.name }));
  return (
    <div className={styles.row}>
      <NativeSelect
        label={t("comfort.replies.firm")}
        disabled={disabled}
        value={draft.firm_id ?? ""}
        onChange={(event) => change({ firm_id: event.currentTarget.value || null })}
        data={all ? [{ value: "", label: t("comfort.replies.allFirms") }, ...choices] : choices}
      />
      <NativeSelect
        label={t("comfort.replies.queue")}
        disabled={disabled}
        value={draft.queue_id ?? ""}
        onChange={(event) => change({ queue_id: event.currentTarget.value || null })}
        data={[
          { value: "", label: t("comfort.replies.allQueues") },
          ...Object.values(queues)
            .sort((a, b) => a.name.localeCompare(b.name))
            .map((each) => ({ value: each.id, label: each.name })),
        ]}
      />
    </div>
  );
}

export function ReplyForm({ text, told, done }: Props) {
  const { t, locale } = useTexts();
  const me = useSession((session) => session.me);
  const fresh = { shortcut: "", title: "", texts: {}, firm_id: me?.user.firm_ids?.[0] ?? null, queue_id: null };
  const [draft, setDraft] = useState<Draft>(text ?? fresh);
  const [own, setOwn] = useState(text !== null);
  const [busy, setBusy] = useState(false);
  const [trouble, fail, forget] = useTrouble();
  const fixed = text !== null && !useMayChange()(text);
  const change = (part: Partial<Draft>) => {
    forget();
    setDraft((before) => ({ ...before, ...part }));
  };
  const at = (field: string) => (trouble?.field === field ? trouble.text : undefined);
  const somewhere = ["title", "shortcut", ...told.languages.map((each) => `texts.${each}`)];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || fixed) return;
    setBusy(true);
    const { shortcut, title, texts, firm_id, queue_id } = draft;
    try {
      await keepReply({ shortcut, title, texts, firm_id, queue_id }, text);
      toast(t("comfort.replies.kept", { name: title }));
      done();
    } catch (error) {
      fail(error);
    }
    setBusy(false);
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={text ? text.title : t("comfort.replies.new")} noValidate>
      {fixed && <p className={styles.quiet}>{t("comfort.replies.common")}</p>}
      <TextInput
        autoFocus
        disabled={fixed}
        label={t("comfort.replies.name")}
        description={t("comfort.replies.nameHelp")}
        maxLength={120}
        error={at("title")}
        value={draft.title}
        onChange={({ currentTarget: { value } }) =>
          change(own ? { title: value } : { title: value, shortcut: shortcutOf(value) })
        }
      />
      <TextInput
        disabled={fixed}
        label={t("comfort.replies.shortcut")}
        description={t("comfort.replies.shortcutHelp")}
        leftSection="/"
        maxLength={60}
        error={at("shortcut")}
        value={draft.shortcut}
        onChange={(event) => {
          setOwn(true);
          change({ shortcut: event.currentTarget.value.trim().toLowerCase() });
        }}
      />
      <Places draft={draft} change={change} disabled={fixed} />
      {[...told.languages].sort((a, b) => Number(b === locale) - Number(a === locale)).map((language) => (
        <Source
          key={language}
          disabled={fixed}
          language={language}
          label={t("comfort.replies.text", { language: inWords(language, locale) })}
          variables={told.variables}
          firm={me?.firms.find((each) => each.id === draft.firm_id)?.name ?? me?.tenant.name ?? ""}
          error={at(`texts.${language}`)}
          value={draft.texts[language] ?? ""}
          onChange={(value) => change({ texts: { ...draft.texts, [language]: value } })}
        />
      ))}
      <p className={styles.quiet}>
        {t("comfort.replies.conditions")} <code>{'{% if customer.language == "fr" %}…{% endif %}'}</code>
      </p>
      {trouble && !somewhere.includes(trouble.field) && (
        <p className={styles.bad} role="alert">
          {trouble.text}
        </p>
      )}
      <div className={styles.row}>
        <Button type="submit" disabled={busy || fixed}>
          {t("comfort.replies.keep")}
        </Button>
        <Button variant="default" onClick={done}>
          {t("comfort.replies.cancel")}
        </Button>
      </div>
      {text && <Earlier text={text} use={({ texts }) => change({ texts })} disabled={fixed} />}
    </form>
  );
}
