/** A one-time link: signs in by a press, so that a mail scanner that opens links does not use it up. */
import { Button } from "@mantine/core";
import { Mark } from "@parlons/ui/Mark.tsx";
import { useEffect, useState } from "react";
import { cause } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { load, signInByLink } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { Field } from "./Field.tsx";
import styles from "./session.module.css";

export default function LinkIn({ token }: { token: string | null }) {
  const { t } = useTexts();
  const [error, setError] = useState<string | null>(token ? null : t("session.linkEmpty"));
  const [busy, setBusy] = useState(false);
  const enter = async () => {
    if (!token) return;
    setBusy(true);
    try {
      await signInByLink(token);
      go({ page: "desk", conversation: null }, true);
    } catch (problem) {
      setError(cause(problem));
      setBusy(false);
    }
  };
  useEffect(() => {
    document.title = `${t("session.linkTitle")} · Parlons`;
  }, [t]);
  return (
    <Field>
      <h1 className={styles.greeting}>{t("session.hello")}</h1>
      {error ? (
        <>
          <p className={styles.error} role="alert">
            {error}
          </p>
          <p className={styles.sub}>{t("session.linkHelp")}</p>
          <Button
            variant="default"
            size="md"
            fullWidth
            onClick={() => {
              go({ page: "desk", conversation: null }, true);
              void load();
            }}
          >
            {t("session.withPassword")}
          </Button>
        </>
      ) : (
        <>
          <p className={styles.sub}>{t("session.linkReady")}</p>
          <Button size="md" fullWidth loading={busy} onClick={() => void enter()} autoFocus>
            {t("session.open")}
          </Button>
        </>
      )}
      <span className={styles.quiet}>
        <Mark size={16} color="currentColor" /> {t("session.once")}
      </span>
    </Field>
  );
}
