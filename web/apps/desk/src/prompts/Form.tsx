/** A new recording, or one in place of another: name, language, firm, words, sound. */
import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useSession } from "../data/session.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./prompts.module.css";
import { keep } from "./prompts.ts";
import { Recorder } from "./Recorder.tsx";

export interface Draft {
  name: string;
  language: string;
  firm_id: string;
  words: string;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;

export function Form({ draft, names, done }: { draft: Draft; names: string[]; done: () => void }) {
  const { t } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  const [wanted, setWanted] = useState(draft);
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => setWanted({ ...wanted, ...part });
  const bad = wanted.name !== "" && !NAME.test(wanted.name);
  const can = NAME.test(wanted.name) && file !== null && !busy;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!can || !file) return;
    setBusy(true);
    const kept = await keep({ ...wanted, file });
    setBusy(false);
    if (!kept) return;
    announce(t("prompts.kept", { name: wanted.name }));
    done();
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={t("prompts.new")}>
      <TextInput
        data-autofocus
        autoFocus
        label={t("prompts.name")}
        description={t("prompts.nameHelp")}
        error={bad ? t("prompts.nameBad") : undefined}
        value={wanted.name}
        list="prompt-names"
        onChange={(event) => change({ name: event.currentTarget.value.trim() })}
      />
      <datalist id="prompt-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className={styles.row}>
        <NativeSelect
          label={t("prompts.language")}
          value={wanted.language}
          onChange={(event) => change({ language: event.currentTarget.value })}
          data={[
            { value: "fr", label: "Français" },
            { value: "en", label: "English" },
            { value: "", label: t("prompts.anyLanguage") },
          ]}
        />
        {firms.length > 1 && (
          <NativeSelect
            label={t("prompts.firm")}
            value={wanted.firm_id}
            onChange={(event) => change({ firm_id: event.currentTarget.value })}
            data={[
              { value: "", label: t("prompts.allFirms") },
              ...firms.map((each) => ({ value: each.id, label: each.name })),
            ]}
          />
        )}
      </div>
      <Textarea
        label={t("prompts.words")}
        description={t("prompts.wordsHelp")}
        rows={2}
        maxLength={2000}
        value={wanted.words}
        onChange={(event) => change({ words: event.currentTarget.value })}
      />
      <Recorder file={file} onFile={setFile} />
      <div className={styles.row}>
        <Button type="submit" disabled={!can}>
          {t("prompts.keep")}
        </Button>
        <Button variant="default" onClick={done}>
          {t("prompts.cancel")}
        </Button>
      </div>
    </form>
  );
}
