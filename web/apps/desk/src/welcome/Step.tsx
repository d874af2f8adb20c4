/** The frame of one first step: why it is there, its fields, one button that keeps it, and beside it the proof that it works. */
import { Alert, Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { loadSetup, reasons, useSetup } from "./setup.ts";
import { isDone, STEPS, type StepId } from "./steps.ts";
import styles from "./welcome.module.css";

interface StepProps {
  id: StepId;
  /** Whether the fields hold something that can be kept. */
  can: boolean;
  /** Whether they differ from what stands. */
  changed: boolean;
  save: () => Promise<void>;
  leave: (step: StepId | "done") => void;
  children: ReactNode;
  /** Shown once the step is done. */
  proof: ReactNode;
}

export function Step({ id, can, changed, save, leave, children, proof }: StepProps) {
  const { t } = useTexts();
  const done = useSetup((setup) => setup.document !== null && isDone(id, setup.document));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const [kept, setKept] = useState(0);
  const next = useRef<HTMLButtonElement>(null);
  const following = STEPS[STEPS.indexOf(id) + 1];
  const standing = done && !changed;
  useEffect(() => {
    if (kept > 0) next.current?.focus();
  }, [kept]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!can || busy) return;
    setBusy(true);
    setRefused([]);
    try {
      await save().finally(loadSetup);
      announce(t("welcome.kept"));
      setKept((before) => before + 1);
    } catch (reason) {
      setRefused(reasons(reason));
    } finally {
      setBusy(false);
    }
  };
  const onward = following ? t("welcome.next", { step: t(`welcome.steps.${following}`) }) : t("welcome.finish");
  return (
    <div className={styles.step}>
      <form className={styles.form} onSubmit={submit} aria-labelledby="welcome-step">
        <p className={styles.count}>{t("welcome.count", { count: STEPS.indexOf(id) + 1, all: STEPS.length })}</p>
        <h1 id="welcome-step">{t(`welcome.${id}.title`)}</h1>
        <p className={styles.why}>{t(`welcome.${id}.why`)}</p>
        {children}
        {refused.length > 0 && (
          <Alert color="rouge" role="alert" title={t("welcome.refused")}>
            {refused.map((each) => (
              <p key={each}>{each}</p>
            ))}
          </Alert>
        )}
        <div className={styles.buttons}>
          {!standing && (
            <Button type="submit" disabled={!can} loading={busy}>
              {t("welcome.keep")}
            </Button>
          )}
          <Button
            ref={next}
            variant={standing ? "filled" : "default"}
            onClick={() => leave(following ?? "done")}
          >
            {standing ? onward : t("welcome.later")}
          </Button>
        </div>
      </form>
      {done && (
        <section className={styles.proof} aria-label={t("welcome.try")}>
          <h2>{t("welcome.try")}</h2>
          {proof}
        </section>
      )}
    </div>
  );
}
