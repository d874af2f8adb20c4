/** Conversations whose task ended without an agent, with the reason, until somebody takes care of them. */
import { Button } from "@mantine/core";
import type { ConversationSummary } from "@parlons/client/types.ts";
import { when } from "@parlons/ui/format.ts";
import i18next from "i18next";
import { serve } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useMay } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import styles from "./live.module.css";

export function reasonText(reason: string | null): string {
  const key = `reason.${reason}`;
  return i18next.exists(key) ? i18next.t(key as "reason.expired") : (reason ?? "");
}

export function NotServed({ items }: { items: ConversationSummary[] }) {
  const { t, locale } = useTexts();
  const [reads, steers] = [useMay("read"), useMay("steer")];
  return (
    <section aria-label={t("list.notServed")}>
      <div className={styles.heading}>
        <h2>{t("list.notServed")}</h2> <span className="num">{items.length}</span>
      </div>
      {items.length === 0 && <p className={styles.none}>{t("live.allServed")}</p>}
      <ul>
        {items.map((each) => (
          <li key={each.id} className={styles.waitRow}>
            <ChannelIcon channel={each.channel} />
            <strong>{customerName(each, t("offer.visitor"))}</strong>
            <span className={styles.words}>{reasonText(each.not_served_reason)}</span>
            <span className={styles.queueName} />
            <span className={`${styles.wait} num`}>{when(each.last_message_at ?? each.opened_at, locale)}</span>
            <span className={styles.acts}>
              {reads && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  onClick={() => go({ page: "desk", conversation: each.id })}
                >
                  {t("live.read")}
                </Button>
              )}
              {steers && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => void serve(each.id, customerName(each, t("offer.visitor")))}
                >
                  {t("live.askAgain")}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
