/** Versions of a flow and its trial: what runs now with its figures, every text it had, and the trials that are over. */
import { Button } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { useState } from "react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import form from "../settings/form.module.css";
import { Sheet } from "../settings/Sheet.tsx";
import styles from "./flows.module.css";
import { type FlowState, placeOf, type Trial } from "./trials.ts";
import { TrialView } from "./TrialView.tsx";
import { Versions } from "./Versions.tsx";

const LOOK_MS = 4_000;

export function VersionsPage({ name }: { name: string }) {
  const { t } = useTexts();
  const { told, failed, again } = useAsked<{ items: FlowState[] }>("/flows", () => LOOK_MS);
  const flow = told?.items.find((each) => each.name === name);
  return (
    <Sheet title={t("tried.titleOf", { name })} back={{ name, go: () => go(placeOf(name, false)) }}>
      {failed && (
        <div className={form.notice} data-tone="bad" role="alert">
          <p>{t("tried.unread", { cause: failed })}</p>
          <div className={form.acts}>
            <Button variant="default" onClick={() => void again()}>
              {t("settings.again")}
            </Button>
          </div>
        </div>
      )}
      {told && !flow && <p className={form.quiet}>{t("settings.goneAlready", { name })}</p>}
      {flow && (
        <>
          <p className={form.quiet}>{t("tried.about")}</p>
          {flow.trial && <TrialView key={flow.trial.id} trial={flow.trial} changed={again} />}
          <Versions key={flow.etag} flow={flow} changed={again} />
          <Earlier key={`before ${flow.etag}`} flow={flow} />
        </>
      )}
    </Sheet>
  );
}

function Earlier({ flow }: { flow: FlowState }) {
  const { t, locale } = useTexts();
  const [open, setOpen] = useState<string | null>(null);
  const { told } = useAsked<{ items: Trial[] }>(`/flows/${flow.id}/trials`);
  const over = told?.items.filter((each) => each.ended_at !== null) ?? [];
  if (over.length === 0) return null;
  return (
    <section aria-label={t("tried.earlier")} className={styles.part}>
      <h3>{t("tried.earlier")}</h3>
      <ul className={styles.list}>
        {over.map((each) => (
          <li key={each.id}>
            <div className={styles.version}>
              <strong>{t("tried.trialOf", { number: each.trial_version, percent: each.percent })}</strong>
              <span>
                {[t(`tried.ending.${each.ending ?? "replaced"}`), each.ended_by || t("settings.somebody"), when(each.ended_at ?? "", locale)].join(" · ")}
              </span>
              <Button
                variant="subtle"
                size="compact-sm"
                aria-expanded={open === each.id}
                aria-label={t("tried.figuresOf", { number: each.trial_version, when: when(each.ended_at ?? "", locale) })}
                onClick={() => setOpen(open === each.id ? null : each.id)}
              >
                {t("tried.figures")}
              </Button>
            </div>
            {open === each.id && <TrialView trial={each} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
