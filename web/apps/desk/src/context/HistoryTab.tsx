/** The last times: the customer's other conversations with us. */
import { UnstyledButton } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import type { ConversationFull, ConversationSummary } from "@parlons/client/types.ts";
import { day } from "@parlons/ui/format.ts";
import { useEffect, useState } from "react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { channelName } from "../shell/words.ts";
import styles from "./parts.module.css";

export function HistoryTab({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const [items, setItems] = useState<ConversationSummary[] | null>(null);
  useEffect(() => {
    const leave = new AbortController();
    get<{ items: ConversationSummary[] }>(`/conversations?view=customer:${full.customer.id}`, leave.signal)
      .then((page) => setItems(page.items.filter((each) => each.id !== full.id)))
      .catch(() => setItems([]));
    return () => leave.abort();
  }, [full.customer.id, full.id]);
  return (
    <section className={styles.section} aria-label={t("context.history")}>
      <h3 className={styles.sub}>{t("history.title")}</h3>
      {items?.length === 0 && <p className={styles.none}>{t("history.none")}</p>}
      <ul className={styles.times}>
        {items?.map((each) => (
          <li key={each.id}>
            <UnstyledButton onClick={() => go({ page: "desk", conversation: each.id })}>
              <ChannelIcon channel={each.channel} />
              <span>{each.subject || each.last_message?.text || channelName(each.channel, t)}</span>
              <time dateTime={each.opened_at} className="num">
                {day(each.opened_at, locale)}
              </time>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
