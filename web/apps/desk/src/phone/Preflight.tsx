/** The three checks beside the greeting, before the shift begins. */
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Checks } from "./Checks.tsx";
import { isSecure } from "./devices.ts";
import { Insecure } from "./Insecure.tsx";
import styles from "./phone.module.css";

export default function Preflight() {
  const { t } = useTexts();
  const [done, setDone] = useState(0);
  return (
    <aside className={styles.aside} aria-label={t("phone.before")}>
      <header>
        <h2>{t("phone.before")}</h2>
        {isSecure() && <span className="num">{t("phone.done", { count: done, all: 3 })}</span>}
      </header>
      {isSecure() ? <Checks tell={setDone} /> : <Insecure />}
    </aside>
  );
}
