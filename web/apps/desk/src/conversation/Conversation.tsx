/** The canvas: head, log, composer. Loads the conversation when opened; reading marks it read. */
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { markRead } from "../data/actions.ts";
import { loadDetail, useDetail } from "../data/details.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { useCommand } from "../keys/useKeys.ts";
import { ChatSupervision, Whispers } from "../live/ChatSupervision.tsx";
import { Composer } from "./Composer.tsx";
import styles from "./conversation.module.css";
import { Head } from "./Head.tsx";
import { Log } from "./Log.tsx";
import { SplitBar } from "./SplitBar.tsx";

/** Marks the last message of the customer read while the page is looked at. */
function useReading(id: string): void {
  const { full } = useDetail(id);
  const mine = useSession((session) => session.me?.worker_id) === full?.assigned?.worker_id;
  const last = full?.messages.findLast((message) => message.direction === "in");
  const unread = last !== undefined && last.number > (full?.agent_read_number ?? 0);
  useEffect(() => {
    if (!mine || !unread) return;
    const read = () => document.visibilityState === "visible" && markRead(id, last.id);
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [id, mine, unread, last?.id]);
}

function Broken({ id, missing }: { id: string; missing: boolean }) {
  const { t } = useTexts();
  return (
    <section className={styles.broken} aria-label={t("conversation.name")}>
      <h1>{t(missing ? "conversation.missing" : "conversation.failed")}</h1>
      <p>{t(missing ? "conversation.missingHelp" : "conversation.failedHelp")}</p>
      {missing ? (
        <Button variant="default" onClick={() => go({ page: "desk", conversation: null })}>
          {t("act.back")}
        </Button>
      ) : (
        <Button onClick={() => void loadDetail(id)}>{t("act.tryAgain")}</Button>
      )}
    </section>
  );
}

export function Conversation({ id, narrow }: { id: string; narrow: boolean }) {
  const { t } = useTexts();
  const detail = useDetail(id);
  useEffect(() => void loadDetail(id), [id]);
  useReading(id);
  useCommand("reply", () => document.querySelector<HTMLElement>("[data-composer]")?.focus());
  const name = detail.full ? customerName(detail.full, t("offer.visitor")) : "";
  useEffect(() => {
    if (name) document.title = `${document.title.startsWith("● ") ? "● " : ""}${name} · Parlons`;
  }, [name]);
  if (!detail.full) {
    if (detail.error) return <Broken id={id} missing={detail.error === "missing"} />;
    return <section className={styles.conversation} aria-busy="true" aria-label={t("conversation.name")} />;
  }
  return (
    <section className={styles.conversation} aria-label={t("conversation.of", { name })}>
      <div>
        <Head full={detail.full} name={name} narrow={narrow} />
        <ChatSupervision full={detail.full} />
      </div>
      <Log full={detail.full} outgoing={detail.outgoing} name={name} />
      <div>
        <Whispers conversationId={id} />
        <SplitBar full={detail.full}>
          <Composer key={id} full={detail.full} name={name} />
        </SplitBar>
      </div>
    </section>
  );
}
