/** A flow as its text, below its form: checked while it is written, put to work when it is right. */
import { Button, Textarea } from "@mantine/core";
import { ApiError } from "@parlons/client/http.ts";
import { useEffect, useState } from "react";
import { cause } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { KeepBeside } from "../flows/KeepBeside.tsx";
import { useTexts } from "../i18n/index.ts";
import type { Fault } from "./fields.ts";
import styles from "./form.module.css";
import { faultsOf, loadSettings, type Setting } from "./settings.ts";
import { Difference, Faults } from "./TextPage.tsx";
import { type Applied, apply, asFile, textOf } from "./yaml.ts";

const SOON = 500;

export function FlowText({ setting }: { setting: Setting }) {
  const { t } = useTexts();
  const [kept, setKept] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [tried, setTried] = useState<Applied | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const { name, etag } = setting;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version has another text
  useEffect(() => {
    let gone = false;
    textOf("flow", name).then(
      (read) => {
        if (gone) return;
        setKept(read);
        setText(read);
      },
      (error) => toast(cause(error), { tone: "bad" }),
    );
    return () => {
      gone = true;
    };
  }, [name, etag]);
  const changed = kept !== null && text !== kept;
  useEffect(() => {
    setTried(null);
    setFaults([]);
    if (!changed) return;
    let gone = false;
    const soon = setTimeout(() => {
      apply(asFile("flows", text), { dryRun: true }).then(
        (answer) => !gone && setTried(answer),
        (error) => !gone && setFaults(faultsOf(error)),
      );
    }, SOON);
    return () => {
      gone = true;
      clearTimeout(soon);
    };
  }, [text, changed]);
  const save = async () => {
    try {
      await apply(asFile("flows", text), { dryRun: false });
      await loadSettings();
      toast(t("settings.saved", { name }));
    } catch (error) {
      setFaults(faultsOf(error));
      if (error instanceof ApiError && faultsOf(error).length === 0) toast(cause(error), { tone: "bad" });
    }
  };
  return (
    <section className={styles.fields} aria-label={t("settings.flow.text")} style={{ marginTop: 24 }}>
      <Textarea
        label={t("settings.flow.text")}
        description={t("settings.flow.help")}
        rows={Math.min(30, text.split("\n").length + 2)}
        spellCheck={false}
        value={text}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div aria-live="polite">
        <Faults faults={faults} lines={1} columns={2} />
        {tried && <Difference applied={tried} />}
      </div>
      <div className={styles.acts}>
        <Button disabled={!tried || tried.changes.length === 0} onClick={() => void save()}>
          {t("settings.flow.save")}
        </Button>
      </div>
      <KeepBeside name={name} text={text} ready={tried !== null && tried.changes.length > 0} />
    </section>
  );
}
