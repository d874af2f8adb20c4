/** One line of a discussion: who, when, what; mine can be taken back for a while, one that did not go says why. */
import { ActionIcon, Tooltip } from "@mantine/core";
import type { Line, Discussion } from "@parlons/client/team.ts";
import { time } from "@parlons/ui/format.ts";
import { Portrait } from "@parlons/ui/Portrait.tsx";
import { CircleAlert, Undo2 } from "lucide-react";
import { serverNow } from "../data/clock.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import log from "../conversation/conversation.module.css";
import { About } from "./About.tsx";
import { type Outgoing, sayAgain, takeBack, useSaid } from "./said.ts";
import styles from "./team.module.css";
import { pieces } from "./discussions.ts";

const TAKE_BACK_MS = 15 * 60_000;

function Words({ text, discussion }: { text: string; discussion: Discussion }) {
  const names = discussion.members.map((each) => each.name);
  return pieces(text, names).map((piece, index) => (piece.named ? <b key={index}>{piece.text}</b> : piece.text));
}

interface Props {
  line: Line;
  discussion: Discussion;
  /** The same person goes on. */
  again: boolean;
}

export function LineItem({ line, discussion, again }: Props) {
  const { t, locale } = useTexts();
  const me = useSession((session) => session.me?.user.id);
  const going = useSaid((store) => store.going[line.id] === true);
  const mine = line.author_user_id === me;
  const gone = line.gone || going;
  const fresh = mine && !gone && serverNow() - Date.parse(line.at) < TAKE_BACK_MS;
  return (
    <div className={log.group} data-side={mine ? "out" : "in"} data-own={mine || undefined}>
      {!mine && (again ? <span className={styles.indent} /> : <Portrait name={line.author_name || "?"} kind="agent" />)}
      <div className={log.turn}>
        {!again && (
          <p className={log.by}>
            <b>{mine ? t("log.you") : line.author_name || t("team.somebody")}</b>
            <span className="num">{time(line.at, locale)}</span>
          </p>
        )}
        <div className={styles.said} data-named={line.mentions.includes(me ?? "") || undefined}>
          {fresh && (
            <Tooltip label={t("team.takeBack")}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={26}
                className={styles.undo}
                aria-label={t("team.takeBackOf", { text: line.text.slice(0, 40) })}
                onClick={() => takeBack(line)}
              >
                <Undo2 size={14} />
              </ActionIcon>
            </Tooltip>
          )}
          {gone ? (
            <p className={styles.gone}>{t("team.gone")}</p>
          ) : (
            <p className={log.bubble}>
              <Words text={line.text} discussion={discussion} />
            </p>
          )}
        </div>
        {line.conversation_id && !gone && <About id={line.conversation_id} />}
      </div>
    </div>
  );
}

export function OutgoingItem({ one, discussion }: { one: Outgoing; discussion: Discussion }) {
  const { t } = useTexts();
  return (
    <div className={log.group} data-side="out" data-own data-failed={one.failed ? "" : undefined}>
      <div className={log.turn}>
        <p className={log.bubble}>{one.text}</p>
        {one.failed ? (
          <p className={log.failed}>
            <CircleAlert size={14} aria-hidden="true" />
            {t("log.failed", { cause: one.failed })}
            <button type="button" className={log.again} onClick={() => sayAgain(discussion.id, one)}>
              {t("team.again")}
            </button>
          </p>
        ) : (
          <p className={log.tick}>{t("log.sending")}</p>
        )}
      </div>
    </div>
  );
}
