/** Who, the line of facts, the clock, and what can be done with the conversation. Never wraps. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { dayTime, rough } from "@parlons/ui/format.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { ArrowLeft, Check, PanelRight, Pause, Play, Timer } from "lucide-react";
import { callBack, close, resume } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { useWaited } from "../data/opening.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { dueClock } from "../inbox/due.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import { CallButton } from "../phone/CallButton.tsx";
import { callOfConversation } from "../phone/calls.ts";
import { RecordingMark } from "../phone/RecordingMark.tsx";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { channelName } from "../shell/words.ts";
import styles from "./head.module.css";
import { SnoozeMenu } from "./SnoozeMenu.tsx";
import { TransferMenu } from "./TransferMenu.tsx";

function Clock({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const waited = useWaited(full.firm_id, full.status === "open" ? full.first_unanswered_at : null);
  const target = useSnapshot((snapshot) => snapshot.queues[full.queue_id ?? ""]?.target_seconds ?? null);
  if (!waited) return null;
  const clock = dueClock(waited.seconds, target);
  const text = !target ? "head.waits" : clock.tone === "bad" ? "head.late" : "head.replyWithin";
  const stands = waited.standsUntil ? t("head.stands", { time: dayTime(waited.standsUntil, locale) }) : "";
  return (
    <span className={`${styles.clock} num`} data-tone={clock.tone} title={stands || undefined}>
      {stands ? <Pause size={14} aria-hidden="true" /> : <Timer size={14} aria-hidden="true" />}
      <span className={styles.long}>{t(text, { time: clock.text })}</span>
      {stands && <span className="hidden">{stands}</span>}
      <span className={styles.short} aria-hidden="true">
        {clock.text}
      </span>
    </span>
  );
}

/** While it is offered to somebody else it stays here, and can be called back. */
function Offered({ id, taskId }: { id: string; taskId: string | null }) {
  const { t } = useTexts();
  const to = useUi((ui) => ui.transferring[id]);
  if (!to || !taskId) return null;
  return (
    <span className={styles.offered}>
      <span>{t("head.offeredTo", { name: to })}</span>
      <Button size="compact-sm" variant="default" onClick={() => void callBack(id, taskId)}>
        {t("head.callBack")}
      </Button>
    </span>
  );
}

function Line({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const now = useNow();
  const queue = useSnapshot((snapshot) => snapshot.queues[full.queue_id ?? ""]?.name);
  const me = useSession((session) => session.me?.user.id);
  const other = full.assigned && full.assigned.user_id !== me ? full.assigned.name : null;
  const parts = [
    channelName(full.channel, t),
    queue,
    other ? t("head.with", { name: other }) : null,
    t("head.since", { time: rough(secondsSince(full.opened_at, now), locale) }),
  ].filter(Boolean);
  return (
    <p className={styles.line}>
      <ChannelIcon channel={full.channel} /> <span>{parts.join(" · ")}</span>
    </p>
  );
}

/** Closing: at once with ten seconds to undo, or by the wrap-up panel when the queue asks for an outcome. */
function useClose(full: ConversationFull, name: string): () => void {
  return () => {
    if (full.dispositions.items.length > 0) {
      useUi.setState({ tab: "wrapup", contextOpen: true, why: null });
      setTimeout(() => document.querySelector<HTMLElement>("[data-wrapup] input, [data-wrapup] button")?.focus(), 60);
    } else close(full.id, name);
  };
}

export function Head({ full, name, narrow }: { full: ConversationFull; name: string; narrow: boolean }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const mine = full.assigned?.user_id === me?.user.id;
  const open = full.status !== "closed";
  const acts = open && (mine || me?.user.role !== "agent");
  const onCall = useSnapshot((snapshot) => {
    const call = callOfConversation(snapshot, full.id);
    return call !== undefined && call.worker_id === me?.worker_id && call.state !== "wrapping";
  });
  const shut = useClose(full, name);
  useCommand("close", shut, acts && full.status === "open" && !onCall);
  useCommand("why", () => useUi.setState({ tab: "why", contextOpen: true }), full.lead_task_id !== null);
  return (
    <header className={styles.head}>
      {narrow && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={t("act.back")}
          onClick={() => go({ page: "desk", conversation: null })}
        >
          <ArrowLeft size={18} />
        </ActionIcon>
      )}
      <div className={styles.title}>
        <h1>{name}</h1>
        <Line full={full} />
      </div>
      <Offered id={full.id} taskId={full.lead_task_id} />
      <Clock full={full} />
      <RecordingMark conversationId={full.id} />
      {full.status === "parked" && (
        <Button variant="default" leftSection={<Play size={16} />} onClick={() => void resume(full.id)}>
          {t("head.resume")}
        </Button>
      )}
      {acts && full.status === "open" && mine && !onCall && <SnoozeMenu full={full} name={name} />}
      <CallButton full={full} name={name} />
      {acts && full.lead_task_id && !onCall && (
        <TransferMenu full={full} taskId={full.lead_task_id} name={name} mine={mine} />
      )}
      {acts && full.status === "open" && !onCall && (
        <Button
          variant="default"
          className={styles.close}
          leftSection={<Check size={16} />}
          rightSection={<Kbd>{keyLabel("close")}</Kbd>}
          onClick={shut}
          aria-label={t("head.close")}
        >
          <span>{t("head.close")}</span>
        </Button>
      )}
      {narrow && (
        <Tooltip label={t("context.name")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t("context.name")}
            onClick={() => useUi.setState({ contextOpen: true })}
          >
            <PanelRight size={18} />
          </ActionIcon>
        </Tooltip>
      )}
    </header>
  );
}
