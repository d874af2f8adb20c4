/** An offer: who, what, how long they have waited, one reason, seconds left. It never moves the focus and opens nothing. */
import { Anchor, Button } from "@mantine/core";
import { duration } from "@parlons/ui/format.ts";
import { Kbd, Lamp } from "@parlons/ui/Portrait.tsx";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import type { CSSProperties } from "react";
import { refuse, take } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { useDetails } from "../data/details.ts";
import { nameOf } from "../data/offers.ts";
import type { Offer } from "../data/select.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { usePhone } from "../phone/state.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { languageName } from "../shell/words.ts";
import styles from "./offer.module.css";

function Ring({ offer }: { offer: Offer }) {
  const now = useNow();
  const { created_at, expires_at } = offer.reservation;
  if (!expires_at) return null;
  const total = Math.max(1, (Date.parse(expires_at) - Date.parse(created_at)) / 1000);
  const left = Math.max(0, (Date.parse(expires_at) - now) / 1000);
  return (
    <span className={styles.ring} style={{ "--share": left / total } as CSSProperties}>
      <svg viewBox="0 0 40 40" aria-hidden="true">
        <circle cx="20" cy="20" r="18" className={styles.track} />
        <circle cx="20" cy="20" r="18" className={styles.left} pathLength="1" />
      </svg>
      <span className="num">{Math.ceil(left)}</span>
    </span>
  );
}

function Facts({ offer }: { offer: Offer }) {
  const { t, locale } = useTexts();
  const now = useNow();
  const language = offer.conversation?.language ?? (offer.task?.attributes?.language as string | undefined);
  const words = offer.conversation?.last_message?.who === "customer" ? offer.conversation.last_message.text : null;
  const written = Boolean(offer.task?.conversation_id) && offer.task?.channel !== "voice";
  return (
    <>
      <p className={styles.facts}>
        {t("offer.waiting")} <b className="num">{duration(secondsSince(offer.task?.created_at, now))}</b>
        {language && ` · ${languageName(language, locale)}`}
      </p>
      {/* They come a moment after the offer, and the buttons below must not move under the hand: their place is kept. */}
      {(written || words) && <p className={styles.words}>{words}</p>}
    </>
  );
}

/** Before one takes a call: that this tab cannot carry it, and why. */
function PhoneHint() {
  const { t } = useTexts();
  const state = usePhone((phone) => phone.state);
  if (state !== "elsewhere" && state !== "down" && state !== "insecure") return null;
  return <p className={styles.hint}>{t(`phone.state.${state}`)}</p>;
}

const KINDS = { voice: "offer.call", default: "offer.task", email: "offer.email", sms: "offer.sms" } as const;

/** Beside the visitor on the site nobody waits before a window: what he sent is a message, not a chat. */
function kindOf(channel: string | undefined) {
  if (channel === undefined || channel === "webchat" || channel === "chat") return "offer.chat";
  return channel in KINDS ? KINDS[channel as keyof typeof KINDS] : "offer.message";
}

/** The keys take and refuse the first of them. */
export function OfferCard({ offer: bare, first }: { offer: Offer; first: boolean }) {
  const peeked = useDetails((details) => details[bare.task?.conversation_id ?? ""]?.full ?? undefined);
  const offer = bare.conversation ? bare : { ...bare, conversation: peeked };
  const { t } = useTexts();
  const name = nameOf(offer);
  const channel = offer.task?.channel === "voice" ? "voice" : (offer.conversation?.channel ?? offer.task?.channel);
  const { id } = offer.reservation;
  const why = () => {
    const { activeElement } = document;
    useUi.setState({
      why: {
        taskId: offer.reservation.task_id,
        title: t("why.me"),
        opener: activeElement,
      },
    });
  };
  return (
    <section className={styles.offer} aria-label={t("offer.region", { name })}>
      <div className={styles.head}>
        <Ring offer={offer} />
        <div className={styles.who}>
          <span className={styles.kind}>
            <Lamp /> {t(kindOf(channel))}
          </span>
          <strong>{name}</strong>
        </div>
        <span className={styles.queue}>{offer.queue?.name}</span>
      </div>
      <Facts offer={offer} />
      {channel === "voice" && <PhoneHint />}
      <div className={styles.acts}>
        <Button
          className={styles.take}
          leftSection={<ChannelIcon channel={channel} color="inherit" />}
          rightSection={first && <Kbd>{keyLabel("take")}</Kbd>}
          onClick={() => void take(id)}
        >
          {t("offer.take")}
        </Button>
        <Button variant="default" onClick={() => void refuse(id)} title={first ? keyLabel("refuse") : undefined}>
          {t("offer.refuse")}
        </Button>
      </div>
      <Anchor component="button" type="button" className={styles.why} onClick={why}>
        {t("why.me")}
      </Anchor>
    </section>
  );
}

export function MissedCard({ name }: { name: string }) {
  const { t } = useTexts();
  return (
    <section className={styles.offer} data-missed aria-label={t("offer.missed")}>
      <p className={styles.missed}>
        <StateGlyph shape="missed" />
        <span>
          <strong>{name}</strong>
          <br />
          {t("offer.missed")}
        </span>
      </p>
    </section>
  );
}
