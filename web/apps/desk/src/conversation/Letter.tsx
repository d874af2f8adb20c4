/** A mail as it was written: subject, who else got it, its page in a frame where nothing runs, what it quotes folded away. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationFull, Message } from "@parlons/client/types.ts";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./letter.module.css";

const MOST = 20_000;

/** As high as what is in it; pictures that come later make it grow. */
function useHeight(frame: RefObject<HTMLIFrameElement | null>) {
  const [height, setHeight] = useState(60);
  const watch = useRef<ResizeObserver>(undefined);
  const measure = () => {
    const page = frame.current?.contentDocument?.body;
    if (!page) return;
    const now = () => setHeight(Math.min(MOST, Math.ceil(page.getBoundingClientRect().height) + 1));
    watch.current?.disconnect();
    watch.current = new ResizeObserver(now);
    watch.current.observe(page);
    now();
  };
  useEffect(() => () => watch.current?.disconnect(), []);
  return { height, measure };
}

function Page({ message, pictures }: { message: Message; pictures: boolean }) {
  const { t } = useTexts();
  const frame = useRef<HTMLIFrameElement>(null);
  const { height, measure } = useHeight(frame);
  const path = `/api/v1/conversations/${message.conversation_id}/messages/${message.id}/page`;
  return (
    <iframe
      ref={frame}
      className={styles.page}
      style={{ height }}
      title={t("channels.letter.page", { name: message.author.name || message.content?.subject || "" })}
      src={pictures ? `${path}?pictures=true` : path}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      onLoad={measure}
    />
  );
}

/** `a@x` or a list of them, as a line. */
const line = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join(", ") : (value ?? ""));

export function Letter({ message, full }: { message: Message; full: ConversationFull }) {
  const { t } = useTexts();
  const [pictures, setPictures] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const content = message.content ?? {};
  const lang = message.direction === "in" ? full.language : undefined;
  const copies = { cc: line(content.cc), bcc: line(content.bcc) };
  return (
    <div className={styles.letter} data-letter>
      {content.subject && (
        <p className={styles.subject} lang={lang}>
          {content.subject}
        </p>
      )}
      {(["cc", "bcc"] as const).map(
        (each) =>
          copies[each] && (
            <p key={each} className={styles.copies}>
              {t(`channels.${each}`)} {copies[each]}
            </p>
          ),
      )}
      {content.html ? <Page message={message} pictures={pictures} /> : <div lang={lang}>{message.text}</div>}
      {(content.pictures || content.folded) && (
        <p className={styles.acts}>
          {content.pictures && !pictures && (
            <UnstyledButton onClick={() => setPictures(true)}>{t("channels.letter.pictures")}</UnstyledButton>
          )}
          {content.folded && (
            <UnstyledButton aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
              {t(unfolded ? "channels.letter.fold" : "channels.letter.unfold")}
            </UnstyledButton>
          )}
        </p>
      )}
      {unfolded && (
        <blockquote className={styles.folded} lang={lang}>
          {content.folded}
        </blockquote>
      )}
    </div>
  );
}
