/** Where messages went, or came from: a line of both timelines, with the way there and the way back. */
import { UnstyledButton } from "@mantine/core";
import type { ConversationFull, Split } from "@parlons/client/types.ts";
import { time } from "@parlons/ui/format.ts";
import { Split as SplitIcon } from "lucide-react";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { putBack, useMaySplit } from "./split.ts";
import styles from "./split.module.css";

export function SplitLine({ split, full }: { split: Split; full: ConversationFull }) {
  const { t, locale } = useTexts();
  const went = split.from_id === full.id;
  const may = useMaySplit(full) || full.assigned !== null;
  const who = split.by_name.split(" ")[0] ?? "";
  const text = went
    ? t(who ? "comfort.split.wentBy" : "comfort.split.went", { count: split.messages, name: who })
    : t(who ? "comfort.split.cameBy" : "comfort.split.came", { count: split.messages, name: who });
  return (
    <div className={styles.line}>
      <SplitIcon size={14} aria-hidden="true" />
      <span>
        {text} <span className="num">{time(split.at, locale)}</span>
      </span>
      <UnstyledButton
        className={styles.link}
        onClick={() => go({ page: "desk", conversation: went ? split.into_id : split.from_id })}
      >
        {t(went ? "comfort.split.openNew" : "comfort.split.openFirst")}
      </UnstyledButton>
      {may && (
        <UnstyledButton className={styles.link} onClick={() => void putBack(split)}>
          {t("comfort.split.undo")}
        </UnstyledButton>
      )}
    </div>
  );
}
