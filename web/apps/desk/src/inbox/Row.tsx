/** One conversation on the list: who, last words, how long they have waited; the channel is a shape with a word. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationSummary } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { rough } from "@parlons/ui/format.ts";
import { Portrait } from "@parlons/ui/Portrait.tsx";
import { memo } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { useWaited } from "../data/opening.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { type Texts, useTexts } from "../i18n/index.ts";
import { shown } from "../phone/number.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { channelName } from "../shell/words.ts";
import { dueClock } from "./due.ts";
import styles from "./inbox.module.css";

export const customerName = (conversation: ConversationSummary, visitor: string): string =>
  conversation.customer.name || shown(conversation.customer.address ?? "") || visitor;

function useClock(conversation: ConversationSummary) {
  const { t, locale } = useTexts();
  const now = useNow();
  const waited = useWaited(conversation.firm_id, conversation.not_served_reason ? null : conversation.first_unanswered_at);
  const target = useSnapshot((snapshot) => snapshot.queues[conversation.queue_id ?? ""]?.target_seconds ?? null);
  if (conversation.status === "parked") return { text: t("list.parked"), tone: undefined };
  if (conversation.wrapup_since_at) return { text: t("state.wrap"), tone: undefined };
  if (waited) return dueClock(waited.seconds, target);
  return {
    text: rough(secondsSince(conversation.last_message_at ?? conversation.opened_at, now), locale),
    tone: undefined,
  };
}

/** Whose words they are, when they are none of the customer's: mine, or a colleague's by his first name. */
function speaker({ who, by, name }: NonNullable<ConversationSummary["last_message"]>, me: string | undefined, t: Texts["t"]): string {
  if (who !== "agent") return "";
  const colleague = by && by !== me ? name.split(" ")[0] : "";
  return colleague ? t("list.by", { name: colleague }) : t("list.you");
}

function lastWords(conversation: ConversationSummary, me: string | undefined, t: Texts["t"]): string {
  const last = conversation.last_message;
  if (!last) return conversation.subject;
  return `${speaker(last, me, t)} ${last.text.replace(/\s+/g, " ")}`.trimStart();
}

export const Row = memo(function Row({
  conversation,
  current,
}: {
  conversation: ConversationSummary;
  current: boolean;
}) {
  const { t } = useTexts();
  const writing = useUi((ui) => ui.typing[conversation.id] !== undefined);
  const me = useSession((session) => session.me?.user.id);
  const clock = useClock(conversation);
  const name = customerName(conversation, t("offer.visitor"));
  const text = writing ? t("list.writing") : lastWords(conversation, me, t);
  const channel = channelName(conversation.channel, t);
  const unread = conversation.unread_count > 0 && !current ? conversation.unread_count : 0;
  return (
    <UnstyledButton
      className={styles.row}
      aria-current={current}
      data-row={conversation.id}
      data-parked={conversation.status === "parked" || undefined}
      onClick={() => go({ page: "desk", conversation: conversation.id })}
    >
      <span className="hidden">{channel}, </span>
      <span className={styles.who}>
        <Portrait name={name} kind="customer" lamp={conversation.customer.lives_on !== null} />
      </span>
      <span className={styles.name}>{name}</span>
      <span className={`${styles.clock} num`} data-tone={clock.tone}>
        {clock.text}
      </span>
      <span className={styles.text}>
        <ChannelIcon channel={conversation.channel} />
        <span lang={conversation.language}>{text}</span>
      </span>
      {unread > 0 && (
        <span className={`${styles.badge} num`}>
          {unread} <span className="hidden">{t("list.unread", { count: unread })}</span>
        </span>
      )}
    </UnstyledButton>
  );
});
