/** The log: what was said, by whom, when; new words are read out politely; it stays at the end unless scrolled away. */
import { Button } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useJourney } from "../context/journey.ts";
import { loadOlder, type Outgoing } from "../data/details.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { useHeard } from "../phone/recordings.ts";
import styles from "./conversation.module.css";
import { LineView } from "./LineView.tsx";
import { lines } from "./lines.ts";

interface Props {
  full: ConversationFull;
  outgoing: Outgoing[];
  name: string;
}

/** Keeps the end in view while one reads the end; says when something new stands below. */
function useEnd(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const toEnd = () => {
    const node = box.current;
    if (node) node.scrollTop = node.scrollHeight;
    setBelow(false);
  };
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else setBelow(true);
  }, [count]);
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const watch = new ResizeObserver(() => atEnd.current && toEnd());
    watch.observe(node);
    return () => watch.disconnect();
  });
  const onScroll = () => {
    const node = box.current;
    if (!node) return;
    atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
    if (atEnd.current) setBelow(false);
  };
  return { box, below, toEnd, onScroll };
}

export function Log({ full, outgoing, name }: Props) {
  const { t } = useTexts();
  const writing = useUi((ui) => ui.typing[full.id] !== undefined);
  const journey = useJourney(full.customer.id, full.customer.lives_on?.since_at);
  const heard = useHeard(full);
  const all = useMemo(() => lines(full, outgoing, journey?.items ?? [], heard), [full, outgoing, journey, heard]);
  const { box, below, toEnd, onScroll } = useEnd(
    full.messages.length + outgoing.length + Number(writing) + heard.calls.length + heard.recordings.length,
  );
  const lastOwn = full.messages.findLast((message) => message.author.kind === "agent");
  return (
    <div className={styles.logBox}>
      <div className={styles.log} role="log" aria-label={t("log.name")} ref={box} onScroll={onScroll} tabIndex={0}>
        <div className={styles.column}>
          {full.messages_before !== null && (
            <Button variant="subtle" size="xs" onClick={() => void loadOlder(full.id)} className={styles.older}>
              {t("log.older")}
            </Button>
          )}
          {all.length === 0 && <p className={styles.event}>{t("log.empty")}</p>}
          {all.map((line) => (
            <LineView key={line.key} line={line} full={full} name={name} lastOwn={lastOwn?.id ?? null} />
          ))}
          {writing && (
            <p className={styles.writing}>
              {t("log.writing", { name: name.split(" ")[0] })} <span aria-hidden="true" className={styles.dots} />
            </p>
          )}
        </div>
      </div>
      {below && (
        <Button
          size="xs"
          variant="default"
          className={styles.below}
          leftSection={<ArrowDown size={14} />}
          onClick={toEnd}
        >
          {t("log.below")}
        </Button>
      )}
    </div>
  );
}
