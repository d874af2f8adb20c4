/** The whole configuration as text: taken along, and brought in after its difference was seen. */
import { Button, Switch, Textarea } from "@mantine/core";
import { ApiError } from "@parlons/client/http.ts";
import { before } from "@parlons/ui/format.ts";
import { Download, Upload } from "lucide-react";
import { type ChangeEvent, useState } from "react";
import { cause } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { EffectsView } from "./EffectsView.tsx";
import type { Fault } from "./fields.ts";
import styles from "./form.module.css";
import { Sheet } from "./Sheet.tsx";
import { Pair } from "./Revisions.tsx";
import { faultsOf, loadSettings } from "./settings.ts";
import { Refused } from "./ThingForm.tsx";
import { type Applied, apply, exported } from "./yaml.ts";

export default function TextPage() {
  const { t } = useTexts();
  return (
    <Sheet title={t("settings.text.title")}>
      <p className={styles.quiet}>{t("settings.text.about")}</p>
      <Export />
      <Import />
    </Sheet>
  );
}

function Export() {
  const { t } = useTexts();
  const save = async () => {
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([await exported()], { type: "application/yaml" }));
      link.download = "parlons.yaml";
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      toast(cause(error), { tone: "bad" });
    }
  };
  return (
    <Button variant="default" leftSection={<Download size={16} />} onClick={() => void save()}>
      {t("settings.text.export")}
    </Button>
  );
}

function Import() {
  const { t, locale } = useTexts();
  const [text, setText] = useState("");
  const [prune, setPrune] = useState(false);
  const [tried, setTried] = useState<Applied | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [links, setLinks] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const stranded = tried?.effects.tasks?.stranded_total ?? 0;
  const change = (next: string) => {
    setText(next);
    setTried(null);
    setFaults([]);
    setRefused(null);
  };
  const run = async (dryRun: boolean, accept?: number) => {
    setBusy(true);
    setFaults([]);
    setRefused(null);
    try {
      const answer = await apply(text, { dryRun, prune, ...(accept ? { accept } : {}) });
      setTried(dryRun ? answer : null);
      if (!dryRun) {
        setLinks(answer.links);
        toast(t("settings.text.applied", { count: answer.changes.length }));
        await loadSettings();
      }
    } catch (error) {
      const found = faultsOf(error);
      if (found.length) setTried(null);
      setFaults(found);
      if (error instanceof ApiError && found.length === 0) setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const file = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.currentTarget.files?.[0];
    if (chosen) change(await chosen.text());
  };
  return (
    <section className={styles.fields} aria-label={t("settings.text.import")} style={{ marginTop: 24 }}>
      <h3>{t("settings.text.import")}</h3>
      <label>
        {t("settings.text.file")} <input type="file" accept=".yaml,.yml,.txt" onChange={(event) => void file(event)} />
      </label>
      <Textarea
        label={t("settings.text.text")}
        rows={12}
        spellCheck={false}
        value={text}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <Switch
        label={t("settings.text.prune")}
        description={t("settings.text.pruneHelp")}
        checked={prune}
        onChange={(event) => {
          setPrune(event.currentTarget.checked);
          setTried(null);
        }}
      />
      <div className={styles.acts}>
        <Button variant={tried ? "default" : "filled"} disabled={busy || !text.trim()} onClick={() => void run(true)}>
          {t("settings.text.check")}
        </Button>
        {tried && tried.changes.length > 0 && (
          <Button leftSection={<Upload size={16} />} disabled={busy} onClick={() => void run(false, stranded || undefined)}>
            {stranded ? t("settings.accept", { count: stranded }) : t("settings.text.apply", { count: tried.changes.length })}
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {refused && <Refused error={refused} accept={(count) => void run(false, count)} />}
        <Faults faults={faults} />
        {tried && <EffectsView effects={tried.effects} />}
        {tried && <Difference applied={tried} />}
        {Object.entries(links).length > 0 && (
          <div className={styles.notice}>
            <p>{t("settings.links")}</p>
            <ul>
              {Object.entries(links).map(([email, link]) => (
                <li key={email}>
                  {before(email, locale)} <code>{link}</code>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </section>
  );
}

export function Faults({ faults, lines = 0, columns = 0 }: { faults: Fault[]; lines?: number; columns?: number }) {
  const { t } = useTexts();
  return (
    <ul className={styles.list}>
      {faults.map((each) => (
        <li key={`${each.line}:${each.column}${each.path}${each.message}`} className={styles.error}>
          {each.line > lines && t("settings.text.at", { line: each.line - lines, column: Math.max(1, each.column - columns) })}{" "}
          {`${each.message}. ${each.remedy}`}
        </li>
      ))}
    </ul>
  );
}

export function Difference({ applied }: { applied: Applied }) {
  const { t } = useTexts();
  if (applied.changes.length === 0) return <p>{t("settings.text.same")}</p>;
  return (
    <div className={styles.notice}>
      {applied.changes.slice(0, 100).map((each) => (
        <div key={`${each.kind} ${each.name}`}>
          <strong>
            {`${t(`settings.history.${each.act}`)} ${t(`settings.kind.${each.kind}.one` as "settings.kind.queue.one")} ${each.name}`}
          </strong>
          {each.act === "change" && (
            <dl className={styles.diff}>
              {Object.entries(each.diff).map(([field, pair]) => (
                <Pair key={field} kind={each.kind} field={field} before={pair[0]} after={pair[1]} />
              ))}
            </dl>
          )}
        </div>
      ))}
      {applied.changes.length > 100 && <p>{t("settings.history.others", { count: applied.changes.length - 100 })}</p>}
    </div>
  );
}
