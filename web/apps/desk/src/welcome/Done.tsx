/** After the last step: what works now, and where to go. */
import { Button } from "@mantine/core";
import { CircleDashed } from "lucide-react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import Cards from "./Cards.tsx";
import { openSteps } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";

export default function Done({ document, leave }: StepPart) {
  const { t } = useTexts();
  const open = openSteps(document);
  const first = open[0];
  return (
    <div className={styles.step}>
      <div className={styles.form}>
        <h1>{t(first ? "welcome.done.open" : "welcome.done.title")}</h1>
        <p className={styles.why}>{t(first ? "welcome.done.openWhy" : "welcome.done.why")}</p>
        {open.length > 0 && (
          <ul className={styles.summary}>
            {open.map((each) => (
              <li key={each}>
                <CircleDashed size={18} aria-label={t("welcome.isOpen")} />
                {t(`welcome.steps.${each}`)}
              </li>
            ))}
          </ul>
        )}
        {!first && <Cards />}
        <div className={styles.buttons}>
          {first && <Button onClick={() => leave(first)}>{t("welcome.next", { step: t(`welcome.steps.${first}`) })}</Button>}
          <Button variant={first ? "default" : "filled"} onClick={() => go({ page: "desk", conversation: null })}>
            {t("welcome.done.desk")}
          </Button>
        </div>
      </div>
    </div>
  );
}
