/** One toast at a time, bottom left over the list, never over the composer; it waits while looked at. */
import { Button, CloseButton } from "@mantine/core";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { holdToast, useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import styles from "./shell.module.css";

export function Toaster() {
  const { t } = useTexts();
  const toast = useUi((ui) => ui.toast);
  if (!toast) return null;
  return (
    <section
      className={styles.toast}
      data-tone={toast.tone}
      aria-label={t("shell.news")}
      onMouseEnter={() => !toast.undo && holdToast(true)}
      onMouseLeave={() => !toast.undo && holdToast(false)}
      onFocus={() => !toast.undo && holdToast(true)}
      onBlur={() => !toast.undo && holdToast(false)}
    >
      <p role="status">
        {toast.text}
        {toast.reference && <small>{t("shell.reference", { reference: toast.reference })}</small>}
      </p>
      {toast.undo ? (
        <Button size="xs" variant="default" onClick={toast.undo} rightSection={<Kbd>{keyLabel("undo")}</Kbd>}>
          {t("act.undo")}
        </Button>
      ) : (
        <>
          {toast.open && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                useUi.setState({ toast: null });
                toast.open?.();
              }}
            >
              {t("comfort.mention.open")}
            </Button>
          )}
          <CloseButton size="sm" aria-label={t("act.dismiss")} onClick={() => useUi.setState({ toast: null })} />
        </>
      )}
    </section>
  );
}
