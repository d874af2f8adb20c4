/** A conversation that a line points at: its customer where I may see him, and the way there; my rights decide. */
import { ApiError, get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Inbox } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { address, go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./team.module.css";

/** Names that were asked for, while the page lives; null: not for me, or gone. */
const asked = new Map<string, Promise<string | null>>();

function nameOf(id: string): Promise<string | null> {
  const known = asked.get(id);
  if (known) return known;
  const asking = get<ConversationFull>(`/conversations/${id}`).then(
    (full) => full.customer.name,
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return null;
      asked.delete(id);
      return "";
    },
  );
  asked.set(id, asking);
  return asking;
}

export function About({ id }: { id: string }) {
  const { t } = useTexts();
  const shown = useSnapshot((snapshot) => snapshot.conversations[id]?.customer.name);
  const [name, setName] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    if (shown === undefined) void nameOf(id).then(setName);
  }, [id, shown]);
  if (shown === undefined && name === undefined) return <span className={styles.about}>{t("team.conversation")}</span>;
  if (shown === undefined && name === null) return <span className={styles.about}>{t("team.notForYou")}</span>;
  const to = { page: "desk", conversation: id } as const;
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a className={styles.about} href={address(to)} onClick={follow}>
      <Inbox size={14} aria-hidden="true" />
      {t("team.conversationWith", { name: shown || name || t("offer.visitor") })}
    </a>
  );
}
