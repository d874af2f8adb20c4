/** One who left: who, why, after how long, how he stands; and what to do about him, each by one press. */
import { Button } from "@mantine/core";
import { rough, when } from "@parlons/ui/format.ts";
import { address, go } from "../data/route.ts";
import { useMay, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import i18next from "i18next";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { callBack, giveBack, take } from "./acts.ts";
import { isOpen, type Leaver } from "./left.ts";
import styles from "./left.module.css";

const TONES: Record<string, string> = { answered: "ok", "came-back": "ok", refused: "bad", failed: "bad" };

/** How he stands, in words, with why where there is a why. */
function useStanding(one: Leaver): string {
  const { t, locale } = useTexts();
  const why = one.code && i18next.exists(`left.code.${one.code}`) ? t(`left.code.${one.code}` as "left.code.opted-out") : one.code;
  const sent = one.message;
  switch (one.state) {
    case "waiting":
      if (!one.due_at) return t("left.state.waiting");
      return `${t("left.due", { at: when(one.due_at, locale), rule: one.rule })}${why ? ` · ${why}` : ""}`;
    case "recontacted":
      if (one.called_back) return t("left.calledBack");
      if (sent?.answered) return t("left.wroteBack");
      return sent && i18next.exists(`left.sent.${sent.state}`) ? t(`left.sent.${sent.state}` as "left.sent.sent") : t("left.state.recontacted");
    case "refused":
    case "failed":
      return `${t(`left.state.${one.state}`)}${why ? ` · ${why}` : ""}`;
    default:
      return t(`left.state.${one.state}`);
  }
}

function Acts({ one, name, after }: { one: Leaver; name: string; after: () => unknown }) {
  const { t } = useTexts();
  const me = useSession((session) => session.me?.user.id);
  const [steers, serves] = [useMay("steer"), useMay("serve")];
  if (!steers) return null;
  if (one.state === "taken")
    return one.by_user_id === me ? (
      <Button size="compact-sm" variant="subtle" color="gray" aria-label={t("left.giveBackOf", { name })} onClick={() => void giveBack(one, after)}>
        {t("left.giveBack")}
      </Button>
    ) : null;
  if (!isOpen(one)) return null;
  return (
    <>
      {serves && (
        <Button size="compact-sm" variant="default" aria-label={t("left.callOf", { name })} onClick={() => void take(one, "call", after)}>
          {t("left.call")}
        </Button>
      )}
      {serves && (
        <Button size="compact-sm" variant="default" aria-label={t("left.writeOf", { name })} onClick={() => void take(one, "write", after)}>
          {t("left.write")}
        </Button>
      )}
      {one.state === "waiting" && (
        <Button size="compact-sm" variant="subtle" color="gray" aria-label={t("left.lineUpOf", { name })} onClick={() => void callBack(one, after)}>
          {t("left.lineUp")}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" color="gray" aria-label={t("left.doneOf", { name })} onClick={() => void take(one, "done", after)}>
        {t("left.done")}
      </Button>
    </>
  );
}

export function LeaverRow({ one, queue, after }: { one: Leaver; queue: string; after: () => unknown }) {
  const { t, locale } = useTexts();
  const name = one.customer.name || one.customer.address || t("offer.visitor");
  const to = { page: "desk", conversation: one.conversation_id } as const;
  const facts = [t(`left.reason.${one.reason}`), queue].filter(Boolean).join(" · ");
  return (
    <li className={styles.row}>
      <ChannelIcon channel={one.channel} size={16} />
      <a
        href={address(to)}
        className={styles.name}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go(to);
        }}
      >
        {name}
      </a>
      <span className={`${styles.waited} num`}>{t("left.waited", { time: rough(one.waited_seconds, locale) })}</span>
      <span className={styles.facts}>{facts}</span>
      <time className={`${styles.at} num`} dateTime={one.left_at}>
        {when(one.left_at, locale)}
      </time>
      <span className={styles.standing} data-tone={TONES[one.state]}>
        {useStanding(one)}
      </span>
      <span className={styles.acts}>
        <Acts one={one} name={name} after={after} />
      </span>
    </li>
  );
}
