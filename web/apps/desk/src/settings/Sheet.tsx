/** The frame of a page of settings: its way back, its title, its main act; and what stands there when nothing could be read. */
import { Button } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./form.module.css";
import { loadSettings } from "./settings.ts";

export function Failed() {
  const { t } = useTexts();
  return (
    <div className={styles.notice} data-tone="bad" role="alert">
      <p>{t("settings.failed")}</p>
      <div className={styles.acts}>
        <Button variant="default" onClick={() => void loadSettings()}>
          {t("settings.again")}
        </Button>
      </div>
    </div>
  );
}

interface SheetProps {
  title: string;
  back?: { name: string; go: () => void } | undefined;
  act?: ReactNode;
  children: ReactNode;
}

export function Sheet({ title, back, act, children }: SheetProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={title}>
      {back && (
        <Button variant="subtle" size="compact-sm" ml={-8} leftSection={<ArrowLeft size={14} />} onClick={back.go}>
          {back.name}
        </Button>
      )}
      <div className={styles.head}>
        <h2>{title}</h2>
        {act}
      </div>
      {children}
    </div>
  );
}
