/** What the draft changes, in words, and who gets it: everybody, or a part to compare; the way back stands among the versions. */
import { Anchor, Button, NumberInput, Radio, TextInput } from "@mantine/core";
import "@mantine/core/styles/NumberInput.css";
import "@mantine/core/styles/Radio.css";
import { useMemo, useState } from "react";
import { ApiError } from "@parlons/client/http.ts";
import { attempt, cause } from "../../data/actions.ts";
import { address, go } from "../../data/route.ts";
import { announce, toast } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import { loadSettings } from "../../settings/settings.ts";
import { placeOf } from "../trials.ts";
import styles from "./builder.module.css";
import { differences, type StepChange } from "./difference.ts";
import { kindIn, stepsOf } from "./ports.ts";
import { check, release } from "./server.ts";
import { changedIn, keepNow, renewed, textNow, useBuilder } from "./store.ts";
import lists from "./told.module.css";
import { isDict, textOf, type Value } from "./value.ts";
import { fieldWord, kindWord } from "./words.ts";
import { write } from "./yaml.ts";

const MOST = 30;
const LONGEST = 160;

export function Publish() {
  const { t } = useTexts();
  const { live, liveFlow, draft, problems, broken, base } = useBuilder();
  const drafted = useBuilder(changedIn);
  const changes = useMemo(() => differences(liveFlow, draft.flow), [liveFlow, draft.flow]);
  const [note, setNote] = useState("");
  const [part, setPart] = useState<"everybody" | "part">("everybody");
  const [percent, setPercent] = useState(10);
  const [busy, setBusy] = useState(false);
  if (!live) return null;
  const name = live.state.name;
  const bad = broken !== null || problems?.some(({ grave }) => grave);
  const publish = async () => {
    setBusy(true);
    keepNow();
    const text = textNow();
    const checked = await attempt(check(text));
    if (checked?.valid) await give(text, part === "part" && changes.length > 0 ? percent : null);
    else if (checked) useBuilder.setState({ problems: checked.problems, panel: "problems" });
    setBusy(false);
  };
  const give = async (text: string, share: number | null) => {
    try {
      const version = await release(live, text, note, share);
      await renewed();
      void loadSettings();
      setNote("");
      const published = t(version === live.state.version ? "drawn.tidied" : "drawn.published", { number: version });
      announce(share === null ? published : t("drawn.tried", { number: version, percent: share }));
      if (share === null) toast(published);
      go(placeOf(name, true));
    } catch (error) {
      const meanwhile = error instanceof ApiError && error.status === 412;
      toast(meanwhile ? t("drawn.meanwhile") : cause(error), { tone: "bad" });
      if (meanwhile) await renewed();
    }
  };
  return (
    <section className={styles.side} aria-label={t("drawn.publish")}>
      <h4>{t("drawn.what")}</h4>
      {changes.length === 0 ? <p className={styles.quiet}>{t(drafted ? "drawn.looksOnly" : "drawn.nothing", { number: live.state.version })}</p> : <Changes changes={changes} />}
      {drafted && base !== live.state.version && <p className={styles.bad}>{t("drawn.staleBase", { from: base, live: live.state.version })}</p>}
      {live.state.trial && <p className={styles.quiet}>{t("drawn.trialRuns", { number: live.state.trial.trial_version })}</p>}
      {bad && <p className={styles.bad} role="alert">{t("drawn.graveFirst")}</p>}
      <TextInput label={t("drawn.note")} description={t("drawn.noteHelp")} maxLength={300} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <Radio.Group label={t("drawn.whom")} value={part} onChange={(value) => setPart(value as "part")}>
        <Radio mt={6} value="everybody" label={t("drawn.everybody")} />
        <Radio mt={6} value="part" label={t("drawn.part")} />
      </Radio.Group>
      {part === "part" && <NumberInput label={t("drawn.percent")} description={t("drawn.percentHelp")} min={1} max={99} clampBehavior="blur" value={percent} onChange={(value) => setPercent(Math.min(99, Math.max(1, Math.round(Number(value) || 1))))} />}
      <div className={styles.acts}>
        <Button loading={busy} disabled={bad || !drafted} onClick={() => void publish()}>
          {part === "part" ? t("drawn.releasePart", { percent }) : t("drawn.releaseAll")}
        </Button>
        <Anchor href={address(placeOf(name, true))} size="sm" onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go(placeOf(name, true));
        }}>
          {t("drawn.versions")}
        </Anchor>
      </div>
    </section>
  );
}

export function Changes({ changes }: { changes: StepChange[] }) {
  const { t } = useTexts();
  const flow = useBuilder((state) => state.draft.flow);
  return (
    <ul className={lists.changes}>
      {changes.slice(0, MOST).map(({ step, change, fields }) => {
        const kind = step === null ? "" : kindIn(stepsOf(flow).get(step));
        return (
          <li key={step ?? ""} data-change={change}>
            <b>{step ?? t("drawn.theFlow")}</b> {change === "added" && t("drawn.stepAdded", { kind: kindWord(kind) })}
            {change === "removed" && t("drawn.stepRemoved")}
            {change === "changed" && (
              <dl>
                {fields.map(({ field, before, after }) => (
                  <div key={field}>
                    <dt>{fieldWord(kind, field)}</dt>
                    <dd>
                      <ins>{said(after) ?? t("drawn.unset")}</ins>
                      <del>{t("drawn.from", { value: said(before) ?? t("drawn.unset") })}</del>
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        );
      })}
      {changes.length > MOST && <li>{t("drawn.more", { count: changes.length - MOST })}</li>}
    </ul>
  );
}

function said(value: Value | undefined): string | null {
  if (value === undefined || value === null || value === "") return null;
  const text = typeof value === "string" ? textOf(value) : isDict(value) || Array.isArray(value) ? write(value, null).trimEnd() : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
