/** Phone and sound: the three checks, and where calls reach this person. */
import { useEffect } from "react";
import { useTexts } from "../i18n/index.ts";
import { Checks } from "./Checks.tsx";
import { isSecure } from "./devices.ts";
import { Insecure } from "./Insecure.tsx";
import styles from "./phone.module.css";
import { Reach } from "./Reach.tsx";

export default function PhonePage() {
  const { t } = useTexts();
  useEffect(() => {
    document.title = `${t("phone.title")} · Parlons`;
  }, [t]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("phone.title")}>
      <div>
        <header>
          <h1>{t("phone.title")}</h1>
          <p className={styles.intro}>{t("phone.intro")}</p>
        </header>
        {isSecure() ? <Checks /> : <Insecure />}
        <Reach />
      </div>
    </div>
  );
}
