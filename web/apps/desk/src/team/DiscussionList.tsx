/** Where colleagues named me, and the discussions, the liveliest first; j and k walk through them. */
import { Button, UnstyledButton } from "@mantine/core";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { rough } from "@parlons/ui/format.ts";
import { Portrait } from "@parlons/ui/Portrait.tsx";
import { AtSign, PenLine, Users } from "lucide-react";
import { memo, useMemo } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { Row as ConversationRow } from "../inbox/Row.tsx";
import inbox from "../inbox/inbox.module.css";
import { useNamed } from "../inbox/views.ts";
import { useCommand } from "../keys/useKeys.ts";
import { Presence } from "./Presence.tsx";
import styles from "./team.module.css";
import { others, type Row, rows, titleOf } from "./discussions.ts";

const DiscussionRow = memo(function DiscussionRow({ row, current }: { row: Row; current: boolean }) {
  const { t, locale } = useTexts();
  const now = useNow();
  const me = useSession((session) => session.me?.user.id);
  const { discussion, unread, named } = row;
  const title = titleOf(discussion, me);
  const last = discussion.last;
  const by = last?.author_user_id === me ? t("list.you") : discussion.kind === "team" && last ? `${last.author_name} :` : "";
  const text = !last ? t("team.nothingYet") : last.gone ? t("team.gone") : [by, last.text.replace(/\s+/g, " ")].join(" ");
  const draft = useSnapshot((snapshot) => snapshot.readings?.[discussion.id]?.draft ?? "");
  return (
    <UnstyledButton
      className={`${inbox.row} ${styles.row}`}
      aria-current={current}
      data-row={discussion.id}
      data-unread={unread > 0 || undefined}
      onClick={() => go({ page: "colleagues", discussion: discussion.id })}
    >
      <span className={inbox.who}>
        {discussion.kind === "team" ? (
          <span className={styles.group}>
            <Users size={16} aria-hidden="true" />
          </span>
        ) : (
          <Portrait name={title} kind="agent" />
        )}
      </span>
      <span className={`${inbox.name} ${styles.name}`}>
        <span>{title}</span>
        {discussion.kind === "direct" && <Presence workerId={others(discussion, me)[0]?.worker_id ?? null} />}
      </span>
      <span className={`${inbox.clock} num`}>{rough(secondsSince(discussion.last_at, now), locale)}</span>
      <span className={inbox.text}>
        <span>{draft && !current ? t("team.draft", { text: draft }) : text}</span>
      </span>
      {unread > 0 && !current && (
        <span className={`${inbox.badge} num`}>
          {named && <AtSign size={12} aria-hidden="true" />}
          {unread} <span className="hidden">{t(named ? "team.unreadNamed" : "team.unread", { count: unread })}</span>
        </span>
      )}
    </UnstyledButton>
  );
});

function useWalk(ids: string[], current: string | null): void {
  const step = (by: 1 | -1) => {
    const at = current ? ids.indexOf(current) : by > 0 ? -1 : ids.length;
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + by))];
    if (!next) return;
    go({ page: "colleagues", discussion: next });
    document.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
  };
  useCommand("next", () => step(1));
  useCommand("previous", () => step(-1));
}

export function DiscussionList({ current }: { current: string | null }) {
  const { t } = useTexts();
  const snapshot = useSnapshot((each) => each);
  const connecting = useLive((live) => live.status === "connecting");
  const all = useMemo(() => rows(snapshot), [snapshot]);
  const named = useNamed(snapshot);
  useWalk(
    all.map(({ discussion }) => discussion.id),
    current,
  );
  return (
    <nav className={inbox.list} aria-label={t("team.list")} data-ground="bg" data-list tabIndex={-1}>
      <div className={styles.begin}>
        <Button
          variant="default"
          fullWidth
          leftSection={<PenLine size={16} />}
          onClick={() => go({ page: "colleagues", discussion: "new" })}
        >
          {t("team.new")}
        </Button>
      </div>
      {named.length > 0 && (
        <section aria-label={t("comfort.mention.title")}>
          <div className={inbox.heading}>
            <h2>
              {t("comfort.mention.title")} <span className={`${inbox.count} num`}>{named.length}</span>
            </h2>
          </div>
          {named.map((each) => (
            <ConversationRow key={each.id} conversation={each} current={false} />
          ))}
        </section>
      )}
      <section aria-label={t("team.discussions")}>
        <div className={inbox.heading}>
          <h2>
            {t("team.discussions")} <span className={`${inbox.count} num`}>{all.length}</span>
          </h2>
        </div>
        {all.length === 0 && !connecting && <p className={inbox.none}>{t("team.none")}</p>}
        {all.map((row) => (
          <DiscussionRow key={row.discussion.id} row={row} current={row.discussion.id === current} />
        ))}
      </section>
    </nav>
  );
}
