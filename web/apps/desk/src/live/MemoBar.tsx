/** What others told me, under the top bar: newest first, read out once, the focus stays where it is. */
import { Button } from "@mantine/core";
import type { Memo } from "@parlons/client/floor.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { Ear, Megaphone, UserCog } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { go, useRoute } from "../data/route.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { seen } from "./acts.ts";
import styles from "./memo.module.css";
import { memoText } from "./words.ts";

const SHOWN = 2;
const NONE: Record<string, Memo> = {};

const ICONS = { message: Megaphone, whisper: Ear } as const;

export function MemoLine({ memo, plain }: { memo: Memo; plain?: boolean }) {
  const { t, locale } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const Icon = ICONS[memo.kind as "message"] ?? UserCog;
  const sentence = memoText(memo, activities, t, locale);
  return (
    <li className={styles.memo}>
      <Icon size={16} aria-hidden="true" />
      <p>
        <b>{sentence}</b> {memo.text && <span className={styles.text}>{memo.text}</span>}{" "}
        <span className={`${styles.at} num`}>{time(memo.at, locale)}</span>
      </p>
      {memo.conversation_id && !plain && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => go({ page: "desk", conversation: memo.conversation_id })}
        >
          {t("live.read")}
        </Button>
      )}
      <Button size="compact-sm" variant="default" onClick={() => seen(memo)} aria-label={`${t("floor.memo.seen")}: ${sentence}`}>
        {t("floor.memo.seen")}
      </Button>
    </li>
  );
}

export function MemoBar() {
  const { t, locale } = useTexts();
  const memos = useSnapshot((snapshot) => snapshot.memos ?? NONE);
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const route = useRoute();
  const open = route.page === "desk" ? route.conversation : null;
  const list = useMemo(
    () =>
      Object.values(memos)
        .filter((memo) => memo.kind !== "whisper" || memo.conversation_id !== open)
        .sort((a, b) => b.at.localeCompare(a.at) || b.id.localeCompare(a.id)),
    [memos, open],
  );
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const memo of Object.values(memos)) {
      if (told.current.has(memo.id)) continue;
      told.current.add(memo.id);
      announce(`${memoText(memo, activities, t, locale)} ${memo.text}`);
    }
  }, [memos, activities, t, locale]);
  if (list.length === 0) return null;
  return (
    <section className={styles.bar} aria-label={t("floor.memo.name")}>
      <ul>
        {list.slice(0, SHOWN).map((memo) => (
          <MemoLine key={memo.id} memo={memo} />
        ))}
      </ul>
      {list.length > SHOWN && (
        <p className={styles.more}>
          {t("floor.memo.more", { count: list.length - SHOWN })}{" "}
          <Button size="compact-sm" variant="subtle" onClick={() => list.forEach(seen)}>
            {t("floor.memo.seenAll")}
          </Button>
        </p>
      )}
    </section>
  );
}
