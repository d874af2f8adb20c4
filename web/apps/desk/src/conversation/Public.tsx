/** What everybody can read: said so, with what can be done about it; and who will read the answer. */
import { Anchor, UnstyledButton } from "@mantine/core";
import { put } from "@parlons/client/http.ts";
import type { ConversationFull, Message } from "@parlons/client/types.ts";
import type { Way } from "@parlons/client/channels.ts";
import { when } from "@parlons/ui/format.ts";
import { AtSign, EyeOff, Lock, Star } from "lucide-react";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { addMessage, moment } from "../data/details.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./public.module.css";

function Hide({ message, hidden }: { message: Message; hidden: boolean }) {
  const { t } = useTexts();
  const [asked, setAsked] = useState(false);
  const change = async () => {
    setAsked(true);
    const left = moment();
    const path = `/conversations/${message.conversation_id}/messages/${message.id}/hidden`;
    const fresh = await attempt(put<Message>(path, { hidden: !hidden }));
    setAsked(false);
    if (fresh) addMessage(fresh, left);
  };
  return (
    <UnstyledButton className={styles.act} disabled={asked} onClick={() => void change()}>
      {t(hidden ? "channels.show" : "channels.hide")}
    </UnstyledButton>
  );
}

/** Marks of a public message. */
export function PublicMarks({ message, full }: { message: Message; full: ConversationFull }) {
  const { t } = useTexts();
  const { review, link, hideable, hidden = false, kind } = message.content ?? {};
  const may = hideable && kind !== "deleted" && message.direction === "in" && full.status === "open";
  return (
    <>
      {!hidden && (
        <span>
          <AtSign size={14} aria-hidden="true" /> {t("channels.public")}
        </span>
      )}
      {review?.recommends !== undefined && (
        <span>
          <Star size={14} aria-hidden="true" /> {t(review.recommends ? "channels.recommends" : "channels.advisesAgainst")}
        </span>
      )}
      {review?.rating !== undefined && (
        <span>
          <Star size={14} aria-hidden="true" /> {t("channels.rated", { rating: review.rating, of: review.of ?? 5 })}
        </span>
      )}
      {hidden && (
        <span>
          <EyeOff size={14} aria-hidden="true" /> {t("channels.hiddenNow")}
        </span>
      )}
      {link && (
        <Anchor href={link} target="_blank" rel="noreferrer" className={styles.act}>
          {t("channels.openThere")}
        </Anchor>
      )}
      {may && <Hide message={message} hidden={hidden} />}
    </>
  );
}

/** Above the text: whether everybody will read the answer, or one person once. */
export function Readers({ way, name }: { way: Way; name: string }) {
  const { t, locale } = useTexts();
  if (way.capabilities.once)
    return (
      <p className={styles.readers} role="status">
        <Lock size={14} aria-hidden="true" />
        {t("channels.privateNow", { name, when: way.open_until ? when(way.open_until, locale) : "" })}
      </p>
    );
  if (!way.capabilities.public) return null;
  return (
    <p className={styles.readers} data-public role="status">
      <AtSign size={14} aria-hidden="true" />
      {t("channels.publicNow")}
    </p>
  );
}
