/** In the composer's place while messages are chosen: how many go, what the new conversation is about, and the act. */
import { Button, TextInput } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { begin, canGo, cancel, carryOut, useChoosing, useMaySplit } from "./split.ts";
import styles from "./split.module.css";

const FRAME_MS = 60;

function Bar({ full }: { full: ConversationFull }) {
  const { t } = useTexts();
  const chosen = useChoosing((each) => each.chosen.size);
  const [subject, setSubject] = useState("");
  const [busy, setBusy] = useState(false);
  const all = chosen === full.messages.filter(canGo).length && full.messages_before === null;
  useEffect(() => {
    const opener = document.activeElement;
    const soon = setTimeout(() => {
      const first = [...useChoosing.getState().chosen][0];
      document.querySelector<HTMLElement>(`[data-pick="${first}"]`)?.focus();
    }, FRAME_MS);
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      cancel();
    };
    addEventListener("keydown", onKey);
    return () => {
      clearTimeout(soon);
      removeEventListener("keydown", onKey);
      setTimeout(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        const back = opener?.isConnected && opener !== document.body ? opener : document.querySelector("[role=log]");
        if (lost && back instanceof HTMLElement) back.focus();
      });
    };
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await carryOut(full, subject.trim());
    setBusy(false);
  };
  return (
    <form className={styles.bar} aria-label={t("comfort.split.title")} onSubmit={(event) => void submit(event)}>
      <p className={styles.count}>
        <b className="num">{t("comfort.split.chosen", { count: chosen })}</b>
        <span>{t(all ? "comfort.split.leaveOne" : "comfort.split.help")}</span>
      </p>
      <TextInput
        className={styles.subject}
        size="sm"
        label={t("comfort.split.subject")}
        maxLength={200}
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <div className={styles.acts}>
        <Button variant="default" onClick={cancel}>
          {t("comfort.split.cancel")}
        </Button>
        <Button type="submit" loading={busy} disabled={chosen === 0 || all}>
          {t("comfort.split.do")}
        </Button>
      </div>
    </form>
  );
}

/** `children`: the composer, which keeps its text and waits. The command's key begins; leaving the conversation ends. */
export function SplitBar({ full, children }: { full: ConversationFull; children: ReactNode }) {
  const choosing = useChoosing((each) => each.of === full.id);
  useCommand("split", () => begin(full), useMaySplit(full));
  useEffect(() => cancel, [full.id]);
  return (
    <>
      {choosing && <Bar full={full} />}
      <div hidden={choosing}>{children}</div>
    </>
  );
}
