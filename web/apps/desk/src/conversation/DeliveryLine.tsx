/** How far a message has come on its way to the customer; what failed says why and can be sent again. */
import { UnstyledButton } from "@mantine/core";
import type { Delivery } from "@parlons/client/channels.ts";
import { newKey, post } from "@parlons/client/http.ts";
import type { Message } from "@parlons/client/types.ts";
import { day, time } from "@parlons/ui/format.ts";
import { Check, CheckCheck, CircleHelp, Clock3, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { addMessage, moment } from "../data/details.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./conversation.module.css";
import { faultText } from "./wayWords.ts";

const ICONS = {
  queued: Clock3,
  sending: Clock3,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: TriangleAlert,
  unsure: CircleHelp,
};

function Again({ message }: { message: Message }) {
  const { t } = useTexts();
  const [asked, setAsked] = useState(false);
  const again = async () => {
    setAsked(true);
    const left = moment();
    const path = `/conversations/${message.conversation_id}/messages/${message.id}/again`;
    const fresh = await attempt(post<Message>(path, undefined, { key: newKey() }));
    setAsked(false);
    if (!fresh) return;
    addMessage(fresh, left);
    // The button goes with the failure.
    document.querySelector<HTMLElement>("[data-composer]")?.focus();
  };
  return (
    <UnstyledButton className={styles.again} disabled={asked} onClick={() => void again()}>
      {t("channels.delivery.again")}
    </UnstyledButton>
  );
}

export function DeliveryLine({ message, delivery, may }: { message: Message; delivery: Delivery; may: boolean }) {
  const { t, locale } = useTexts();
  const { state, code, reason, until } = delivery;
  const Icon = ICONS[state];
  const bad = state === "failed" || state === "unsure";
  const why = code && (bad || state === "queued") ? faultText(code, t, reason) : null;
  return (
    <span className={bad ? styles.failed : styles.tick} data-delivery={state} data-read={state === "read" || undefined}>
      <Icon size={14} aria-hidden="true" /> {t(`channels.delivery.${state}`)}
      {why && <span title={reason || undefined}>· {why}</span>}{" "}
      {state === "queued" && until && (
        <span>· {t("channels.delivery.until", { when: `${day(until, locale)} ${time(until, locale)}` })}</span>
      )} {bad && may && <Again message={message} />}
    </span>
  );
}
