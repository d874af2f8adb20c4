/** A supervisor in a colleague's chat: whisper, join or leave, take over; and, for the agent, what is whispered to him. */
import { Button, TextInput } from "@mantine/core";
import type { Memo } from "@parlons/client/floor.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { useSession } from "../data/session.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { join, leave, takeOver, whisper } from "./acts.ts";
import { MemoLine } from "./MemoBar.tsx";
import styles from "./memo.module.css";

const NONE: Record<string, Memo> = {};

function WhisperForm({ full, onDone }: { full: ConversationFull; onDone: () => void }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const agent = full.assigned?.name ?? "";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || (await whisper(full.id, text.trim())) === undefined) return;
    toast(t("floor.whispered", { name: agent }));
    onDone();
  };
  return (
    <form onSubmit={send}>
      <div>
        <TextInput
          className={styles.write}
          size="sm"
          label={t("floor.whisperTo", { name: agent })}
          description={t("floor.whisperHelp", { name: agent })}
          value={text}
          maxLength={1000}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && onDone()}
          data-autofocus
          autoFocus
        />
        <Button type="submit" size="compact-sm" disabled={!text.trim()}>
          {t("floor.whisperSend")}
        </Button>
      </div>
    </form>
  );
}

export function ChatSupervision({ full }: { full: ConversationFull }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const [writing, setWriting] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const leads = me !== null && me.user.role !== "agent";
  const others = full.assigned !== null && full.assigned.user_id !== me?.user.id;
  if (!leads || !others || full.status !== "open" || full.wrapup_since_at || full.channel === "voice") return null;
  const joined = full.joined?.includes(me.user.id) ?? false;
  const done = () => {
    setWriting(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <section className={styles.supervise} aria-label={t("floor.supervise", { name: full.assigned?.name })}>
      <div>
        <span>{t(joined ? "floor.joined" : "floor.has", { name: full.assigned?.name })}</span>
        {full.assigned?.user_id && (
          <Button
            ref={opener}
            size="compact-sm"
            variant="default"
            aria-expanded={writing}
            onClick={() => (writing ? done() : setWriting(true))}
          >
            {t("floor.whisper")}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={() => void (joined ? leave(full.id) : join(full.id))}>
          {t(joined ? "floor.leave" : "floor.join")}
        </Button>
        {me.worker_id && (
          <Button size="compact-sm" variant="default" onClick={() => void takeOver(full.id)}>
            {t("floor.takeOver")}
          </Button>
        )}
      </div>
      {writing && <WhisperForm full={full} onDone={done} />}
    </section>
  );
}

/** Lines only the agent of this chat sees, right above what he writes. */
export function Whispers({ conversationId }: { conversationId: string }) {
  const { t } = useTexts();
  const memos = useSnapshot((snapshot) => snapshot.memos ?? NONE);
  const own = useMemo(
    () => Object.values(memos).filter((memo) => memo.kind === "whisper" && memo.conversation_id === conversationId),
    [memos, conversationId],
  );
  if (own.length === 0) return null;
  return (
    <section className={styles.whispers} aria-label={t("floor.whispers")}>
      <ul>
        {own
          .sort((a, b) => a.at.localeCompare(b.at))
          .map((memo) => (
            <MemoLine key={memo.id} memo={memo} plain />
          ))}
      </ul>
    </section>
  );
}
