/** One discussion: who is in it, what was said, and the place to answer. What stands before one's eyes counts as read. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { post } from "@parlons/client/http.ts";
import type { Line, Discussion } from "@parlons/client/team.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { day } from "@parlons/ui/format.ts";
import { ArrowLeft, LogOut, Users } from "lucide-react";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { workerShape } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import log from "../conversation/conversation.module.css";
import head from "../conversation/head.module.css";
import { LineItem, OutgoingItem } from "./LineItem.tsx";
import { PeopleForm } from "./PeopleForm.tsx";
import { Presence } from "./Presence.tsx";
import { open, openEarlier, useSaid } from "./said.ts";
import { TeamComposer } from "./TeamComposer.tsx";
import styles from "./team.module.css";
import { others, readingOf, titleOf, workerOf } from "./discussions.ts";

const TOGETHER_MS = 120_000;

/** Says how far I have read, while the page is looked at. */
function useRead(discussion: Discussion): void {
  const read = useSnapshot((snapshot) => readingOf(snapshot, discussion.id).read_number);
  const told = useRef(0);
  useEffect(() => {
    const tell = () => {
      const number = discussion.last_number;
      if (document.visibilityState !== "visible" || number <= read || number <= told.current) return;
      told.current = number;
      post(`/team/discussions/${discussion.id}/read`, { number }).catch(() => {
        told.current = 0; // told again with the next line, or when the page is looked at again
      });
    };
    tell();
    addEventListener("visibilitychange", tell);
    return () => removeEventListener("visibilitychange", tell);
  }, [discussion.id, discussion.last_number, read]);
}

function Head({ discussion, narrow, edit }: { discussion: Discussion; narrow: boolean; edit: () => void }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me?.user.id);
  const rest = others(discussion, me);
  const here = useSnapshot(
    (snapshot) =>
      discussion.members.filter((each) => {
        const worker = workerOf(snapshot, each);
        return worker && !["off", "lost"].includes(workerShape(worker, snapshot.activities));
      }).length,
  );
  const title = titleOf(discussion, me);
  const leave = () => {
    go({ page: "colleagues", discussion: null });
    undoable(
      t("team.left", { name: title }),
      () => void attempt(post(`/team/discussions/${discussion.id}/leave`, {}, { keepalive: true })),
      () => go({ page: "colleagues", discussion: discussion.id }),
    );
  };
  return (
    <header className={head.head}>
      {narrow && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={t("act.back")}
          onClick={() => go({ page: "colleagues", discussion: null })}
        >
          <ArrowLeft size={18} />
        </ActionIcon>
      )}
      <div className={head.title}>
        <h1>{title}</h1>
        <p className={head.line}>
          {discussion.kind === "team" ? (
            <span>{t("team.people", { count: discussion.members.length, here })}</span>
          ) : rest[0]?.active === false ? (
            <span>{t("team.worksNoMore")}</span>
          ) : (
            <Presence workerId={rest[0]?.worker_id ?? null} word />
          )}
        </p>
      </div>
      {discussion.kind === "team" && (
        <>
          <Button variant="default" leftSection={<Users size={16} />} onClick={edit}>
            {t("team.edit")}
          </Button>
          <Tooltip label={t("team.leave")}>
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("team.leave")} onClick={leave}>
              <LogOut size={18} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </header>
  );
}

function sameTurn(before: Line | undefined, line: Line): boolean {
  return (
    before !== undefined &&
    before.author_user_id === line.author_user_id &&
    Date.parse(line.at) - Date.parse(before.at) < TOGETHER_MS
  );
}

function Log({ discussion }: { discussion: Discussion }) {
  const { t, locale } = useTexts();
  const said = useSaid((store) => store.said[discussion.id]);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lines = said?.lines ?? [];
  const outgoing = said?.outgoing ?? [];
  useLayoutEffect(() => {
    const node = box.current;
    if (node && atEnd.current) node.scrollTop = node.scrollHeight;
  }, [lines.length, outgoing.length]);
  const onScroll = () => {
    const node = box.current!;
    atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
  };
  const dayOf = (line: Line | undefined) => (line ? day(line.at, locale) : "");
  return (
    <div className={log.logBox}>
      <div className={log.log} role="log" aria-label={t("log.name")} ref={box} onScroll={onScroll} tabIndex={0}>
        <div className={log.column}>
          {said?.earlier && (
            <Button variant="subtle" size="xs" className={log.older} onClick={() => void openEarlier(discussion.id)}>
              {t("log.older")}
            </Button>
          )}
          {said?.state === "broken" && (
            <p className={log.event}>
              {t("team.broken")}
              <button type="button" className={log.again} onClick={() => void open(discussion.id)}>
                {t("team.again")}
              </button>
            </p>
          )}
          {said?.state === "ready" && lines.length + outgoing.length === 0 && <p className={log.event}>{t("log.empty")}</p>}
          {lines.map((line, index) => {
            const before = lines[index - 1];
            const another = dayOf(before) !== dayOf(line);
            return (
              <Fragment key={line.id}>
                {another && <p className={log.day}>{dayOf(line)}</p>}
                <LineItem line={line} discussion={discussion} again={!another && sameTurn(before, line)} />
              </Fragment>
            );
          })}
          {outgoing.map((one) => (
            <OutgoingItem key={one.key} one={one} discussion={discussion} />
          ))}
        </div>
      </div>
    </div>
  );
}

export function DiscussionView({ discussion, narrow }: { discussion: Discussion; narrow: boolean }) {
  const [editing, setEditing] = useState(false);
  useRead(discussion);
  useEffect(() => void open(discussion.id), [discussion.id]);
  if (editing) return <PeopleForm discussion={discussion} narrow={narrow} done={() => setEditing(false)} />;
  return (
    <div className={`${log.conversation} ${styles.discussion}`}>
      <Head discussion={discussion} narrow={narrow} edit={() => setEditing(true)} />
      <Log discussion={discussion} />
      <TeamComposer discussion={discussion} />
    </div>
  );
}
