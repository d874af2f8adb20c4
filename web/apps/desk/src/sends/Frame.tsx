/** The frame of each page of sends: the way back, its name, its acts; and what stands there when nothing could be read. */
import { ActionIcon, Button } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./sends.module.css";

interface Props {
  title: string;
  /** Beside the title, in words. */
  state?: ReactNode;
  back?: boolean;
  acts?: ReactNode;
  failed?: string | null;
  again?: () => unknown;
  children?: ReactNode;
}

export function Frame({ title, state, back = false, acts, failed, again, children }: Props) {
  const { t } = useTexts();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={title}>
      <header className={styles.head}>
        {back && (
          <ActionIcon variant="subtle" color="gray" size={36} ml={-8} aria-label={t("sends.back")} onClick={() => go({ page: "sends", send: null })}>
            <ArrowLeft size={18} />
          </ActionIcon>
        )}
        <h1>{title}</h1>
        {state}
        <span className={styles.acts}>{acts}</span>
      </header>
      {failed && (
        <div className={styles.notice} data-tone="bad" role="alert">
          <p>{t("sends.unread", { cause: failed })}</p>
          {again && (
            <Button variant="default" size="compact-md" onClick={() => void again()}>
              {t("sends.tryAgain")}
            </Button>
          )}
        </div>
      )}
      {children}
    </div>
  );
}
