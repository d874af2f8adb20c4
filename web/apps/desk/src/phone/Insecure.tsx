/** Over plain http of another machine no browser opens a microphone: why, and how to mend it. */
import { useTexts } from "../i18n/index.ts";
import styles from "./phone.module.css";

export function Insecure() {
  const { t } = useTexts();
  return (
    <div className={styles.insecure} role="note">
      <strong>{t("phone.insecureTitle")}</strong>
      <p>{t("phone.insecure")}</p>
    </div>
  );
}
