/** One line of the log. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationFull, Message } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { day, time } from "@parlons/ui/format.ts";
import { Lamp, Portrait } from "@parlons/ui/Portrait.tsx";
import { Bot, Check, CheckCheck, Clock3, TriangleAlert } from "lucide-react";
import { Fragment, Suspense } from "react";
import type { Outgoing } from "../data/details.ts";
import { resend } from "../data/sending.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { callText } from "../phone/callWords.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { fetched } from "../shell/fetched.ts";
import { channelName } from "../shell/words.ts";
import styles from "./conversation.module.css";
import { DeliveryLine } from "./DeliveryLine.tsx";
import { Files } from "./Files.tsx";
import type { Line } from "./lines.ts";
import { noticeText, pageText } from "./notices.ts";
import { Pickable } from "./Pickable.tsx";
import { isLetter, Said } from "./Said.tsx";
import { SplitLine } from "./SplitLine.tsx";

const RecordingPlayer = fetched(() => import("../phone/Recording.tsx"));

/** The call of the live picture when it goes on, else as it was when it was asked for. */
function CallLine({ call: asked }: { call: Call }) {
  const { t, locale } = useTexts();
  const live = useSnapshot((snapshot) => snapshot.calls?.[asked.id]);
  const call = live ?? asked;
  const agent = useSnapshot((snapshot) => snapshot.workers[call.worker_id ?? ""]?.name ?? "");
  return (
    <p className={styles.event}>
      <ChannelIcon channel="voice" /> <span>{callText(call, agent, t)}</span>{" "}
      <span className="num">{time(call.started_at, locale)}</span>
    </p>
  );
}

function Ticks({ message, full }: { message: Message; full: ConversationFull }) {
  const { t } = useTexts();
  const read = message.number <= full.customer_read_number;
  return (
    <span className={styles.tick} data-read={read || undefined}>
      {read ? <CheckCheck size={14} /> : <Check size={14} />} {t(read ? "log.read" : "log.sent")}
    </span>
  );
}

function Group({
  line,
  full,
  name,
  lastOwn,
}: {
  line: Line & { kind: "group" };
  full: ConversationFull;
  name: string;
  lastOwn: string | null;
}) {
  const { t, locale } = useTexts();
  const me = useSession((session) => session.me?.user.id);
  const bot = line.author.kind === "bot";
  const own = line.author.kind === "agent" && line.author.id === me;
  const who = own ? t("log.you") : bot ? t("log.assistant") : line.author.name || name;
  const last = line.messages.at(-1)!;
  const short = line.side === "in" && !who.startsWith("+") ? who.split(" ")[0] : who;
  return (
    <div className={styles.group} data-side={line.side} data-own={own || undefined}>
      {line.side === "in" && <Portrait name={name} kind="customer" />}
      <div className={styles.turn} data-letters={line.messages.some(isLetter) || undefined}>
        <p className={styles.by}>
          <b>{short}</b> <span className="num">{time(line.at, locale)}</span>{" "}
          {bot && <Bot size={14} aria-hidden="true" />}
        </p>
        {line.messages.map((message) => (
          <Fragment key={message.id}>
            <Pickable message={message} full={full} side={line.side}>
              <div
                className={styles.bubble}
                lang={line.side === "in" ? full.language : undefined}
                data-message={message.id}
              >
                <Said message={message} full={full} />
              </div>
            </Pickable>
            {message.delivery && (message === last || message.delivery.state !== last.delivery?.state) && (
              <DeliveryLine message={message} delivery={message.delivery} may={full.status === "open"} />
            )}
          </Fragment>
        ))}
        {last.id === lastOwn && !last.delivery && <Ticks message={last} full={full} />}
      </div>
    </div>
  );
}

function Sending({ one, conversationId }: { one: Outgoing; conversationId: string }) {
  const { t, locale } = useTexts();
  const failed = one.state === "failed";
  return (
    <div className={styles.group} data-side="out" data-own data-failed={failed || undefined}>
      <div className={styles.turn}>
        <p className={styles.by}>
          <b>{t("log.you")}</b> <span className="num">{time(one.at, locale)}</span>
        </p>
        <div className={styles.bubble}>
          {one.subject && <b className={styles.subject}>{one.subject}</b>}
          {one.text}
          <Files items={one.attachments} />
        </div>
        {failed ? (
          <span className={styles.failed}>
            <TriangleAlert size={14} /> {t("log.failed", { cause: one.cause })}{" "}
            <UnstyledButton className={styles.again} onClick={() => resend(conversationId, one.clientId)}>
              {t(one.code === "colleague-answered" ? "composer.sendAnyway" : "act.tryAgain")}
            </UnstyledButton>
          </span>
        ) : (
          <span className={styles.tick}>
            <Clock3 size={14} aria-hidden="true" /> {t(one.state === "held" ? "channels.held" : "log.sending")}
          </span>
        )}
      </div>
    </div>
  );
}

interface Props {
  line: Line;
  full: ConversationFull;
  name: string;
  lastOwn: string | null;
}

export function LineView({ line, full, name, lastOwn }: Props) {
  const { t, locale } = useTexts();
  switch (line.kind) {
    case "day":
      return <p className={styles.day}>{day(line.at, locale)}</p>;
    case "cord":
      return (
        <p className={styles.cord}>
          <span>
            <ChannelIcon channel={line.from} />
          </span>
          <i />
          <span>
            <ChannelIcon channel={line.to} />
          </span>
          {t("log.cord", { channel: channelName(line.to, t) })}
        </p>
      );
    case "event":
      return (
        <p className={styles.event}>
          <span>{noticeText(line.message)}</span> <span className="num">{time(line.at, locale)}</span>
        </p>
      );
    case "touch":
      return (
        <p className={styles.touch}>
          <Lamp /> <b>{pageText(line.touch, name, t)}</b> <span className="num">{time(line.at, locale)}</span>
        </p>
      );
    case "split":
      return <SplitLine split={line.split} full={full} />;
    case "call":
      return <CallLine call={line.call} />;
    case "recording":
      return (
        <Suspense>
          <RecordingPlayer recording={line.recording} />
        </Suspense>
      );
    case "group":
      return <Group line={line} full={full} name={name} lastOwn={lastOwn} />;
    case "sending":
      return <Sending one={line.one} conversationId={full.id} />;
  }
}
