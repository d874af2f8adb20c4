/** One of several: what it is, a way up, a way out. Each act has the name of what it acts on. */
import { ActionIcon } from "@mantine/core";
import { ArrowUp, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./form.module.css";

interface RowProps {
  name: string;
  up?: (() => void) | undefined;
  remove: () => void;
  children: ReactNode;
}

export function Row({ name, up, remove, children }: RowProps) {
  const { t } = useTexts();
  return (
    <div className={styles.row}>
      <div className={styles.grow}>{children}</div>
      {up && (
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("settings.up", { name })} onClick={up}>
          <ArrowUp size={16} />
        </ActionIcon>
      )}
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("settings.take", { name })} onClick={remove}>
        <X size={16} />
      </ActionIcon>
    </div>
  );
}
