/** `why` beside whatever page asked for it: no overlay from 1241 px up; Esc or the cross gives the focus back. */
import { CloseButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { WhyTarget } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { WhyContent } from "./WhyContent.tsx";
import styles from "./why.module.css";

export function WhyPanel({ target, onClose }: { target: WhyTarget; onClose: () => void }) {
  const { t } = useTexts();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const close = () => {
    onClose();
    if (target.opener instanceof HTMLElement) target.opener.focus();
  };
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className={styles.panel}
      aria-label={target.title}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header className={styles.head}>
        <h2>{target.title}</h2>
        <CloseButton aria-label={t("act.closePanel")} onClick={close} />
      </header>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={target.title}>
        <WhyContent taskId={target.taskId} />
      </div>
    </aside>
  );
}
