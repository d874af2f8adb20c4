/** The server did not answer: what failed, what is safe, what to do. */
import { Button } from "@mantine/core";
import { Mark } from "@parlons/ui/Mark.tsx";
import { load } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./session.module.css";

export function Unreachable() {
  const { t } = useTexts();
  return (
    <main className={styles.alone}>
      <Mark size={32} />
      <h1>{t("session.unreachable")}</h1>
      <p>{t("session.unreachableSafe")}</p>
      <Button onClick={() => void load()}>{t("act.tryAgain")}</Button>
    </main>
  );
}
