/** A text to take along: shown whole, selected by a press, copied where the browser allows it. */
import { Button, Textarea } from "@mantine/core";
import { Copy as CopyIcon } from "lucide-react";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./welcome.module.css";

export function Copy({ label, text, help }: { label: string; text: string; help?: string }) {
  const { t } = useTexts();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(t("welcome.copied"));
    toast(t("welcome.copied"));
  };
  return (
    <div className={styles.copy}>
      <Textarea
        readOnly
        rows={2}
        label={label}
        description={help}
        value={text}
        spellCheck={false}
        onFocus={(event) => event.currentTarget.select()}
      />
      {window.isSecureContext && (
        <Button variant="default" leftSection={<CopyIcon size={14} />} aria-label={t("welcome.copyOf", { what: label })} onClick={() => void copy()}>
          {t("welcome.copy")}
        </Button>
      )}
    </div>
  );
}
