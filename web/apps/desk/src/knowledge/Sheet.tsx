/** The frame of each page of articles: the way back, its name, its acts; and what stands there when nothing could be read. */
import { ActionIcon, Button } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { go, type Route } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./knowledge.module.css";

export const LIST: Route = { page: "knowledge", article: null };

/** Follows a link inside the desk; with a modifier the browser does. */
export const follow = (to: Route) => (event: MouseEvent) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(to);
};

interface Props {
  title: string;
  back?: boolean;
  acts?: ReactNode;
  failed?: string | null;
  again?: () => unknown;
  children?: ReactNode;
}

export function Sheet({ title, back = false, acts, failed, again, children }: Props) {
  const { t } = useTexts();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={title}>
      <header className={styles.head}>
        {back && (
          <ActionIcon variant="subtle" color="gray" size={36} ml={-8} aria-label={t("knowledge.back")} onClick={() => go(LIST)}>
            <ArrowLeft size={18} />
          </ActionIcon>
        )}
        <h1>{title}</h1>
        <span className={styles.acts}>{acts}</span>
      </header>
      {failed && (
        <div className={styles.bad} role="alert">
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
