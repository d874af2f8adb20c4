/** Ctrl K: places, states, my conversations, and a search of all conversations. */
import { Modal } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import type { ConversationSummary } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useEffect, useId, useMemo, useState } from "react";
import { setActivity } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { activityShape, choices, mine } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { type Entry, type Stage, useActs } from "./acts.tsx";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { useFloorActs } from "./floorActs.tsx";
import styles from "./palette.module.css";
import { usePlaces } from "./places.tsx";
import { activityName } from "./words.ts";

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether every word typed is in the name. */
const fits = (name: string, text: string): boolean => plain(text).split(/\s+/).every((word) => plain(name).includes(word));

function useFound(text: string): ConversationSummary[] {
  const [found, setFound] = useState<ConversationSummary[]>([]);
  useEffect(() => {
    if (text.trim().length < 2) {
      setFound([]);
      return;
    }
    const leave = new AbortController();
    const search = async () => {
      const views = await Promise.all(
        ["open", "closed"].map((view) =>
          get<{ items: ConversationSummary[] }>(
            `/conversations?view=${view}&limit=6&q=${encodeURIComponent(text.trim())}`,
            leave.signal,
          ).catch(() => ({ items: [] })),
        ),
      );
      setFound(views.flatMap((page) => page.items));
    };
    const soon = setTimeout(() => void search(), 200);
    return () => {
      leave.abort();
      clearTimeout(soon);
    };
  }, [text]);
  return found;
}

function useEntries(text: string): Entry[] {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const snapshot = useSnapshot((each) => each);
  const found = useFound(text);
  const acts = useActs();
  const floor = useFloorActs(text);
  const places = usePlaces();
  return useMemo(() => {
    const talk = (each: ConversationSummary, side: string): Entry => ({
      id: each.id,
      name: customerName(each, t("offer.visitor")),
      side: side || each.last_message?.text.slice(0, 60) || "",
      icon: <ChannelIcon channel={each.channel} size={16} />,
      run: () => go({ page: "desk", conversation: each.id }),
    });
    const workerId = me?.worker_id ?? null;
    const states: Entry[] = workerId
      ? choices(snapshot.activities).map((each) => ({
          id: each.id,
          name: activityName(each, t),
          side: t("palette.state"),
          icon: <StateGlyph shape={activityShape(each)} />,
          run: () => void setActivity(workerId, each.id),
        }))
      : [];
    const own = mine(snapshot, workerId, me?.user.role === "agent").map((each) => talk(each, t("list.mine")));
    const matching = [...own, ...places, ...acts, ...states, ...floor].filter((each) => fits(each.name, text));
    const known = new Set(matching.map((each) => each.id));
    return [...matching, ...found.filter((each) => !known.has(each.id)).map((each) => talk(each, ""))];
  }, [snapshot, me, found, text, acts, floor, places, t]);
}

export default function Palette() {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [stage, setStage] = useState<Stage | null>(null);
  const id = useId();
  const everything = useEntries(stage ? "" : text);
  const asked = stage?.entries(text).filter((each) => stage.free || fits(each.name, text));
  const entries = asked ?? everything;
  const active = entries[Math.min(at, entries.length - 1)];
  const close = () => useUi.setState({ palette: false });
  const step = (to: Stage | null) => {
    setStage(to);
    setText("");
    setAt(0);
  };
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    if (entry.next) return step(entry.next);
    close();
    entry.run();
  };
  const onKey = (event: React.KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by) {
      event.preventDefault();
      const next = Math.min(entries.length - 1, Math.max(0, at + by));
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") choose(active);
    if (stage && (event.key === "Escape" || (event.key === "Backspace" && !text))) {
      event.preventDefault();
      step(null);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      size={520}
      yOffset="12vh"
      padding={0}
      radius="lg"
      closeOnEscape={stage === null}
      aria-label={t("shell.search")}
      transitionProps={{ duration: 0 }}
    >
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${entries.indexOf(active)}` : undefined}
        aria-label={stage?.prompt ?? t("shell.search")}
        placeholder={stage?.prompt ?? t("shell.search")}
        value={text}
        data-autofocus
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t("palette.found")} className={styles.list} tabIndex={-1}>
        {entries.map((entry, index) => (
          <div
            key={`${entry.side}-${entry.id}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === active}
            className={styles.option}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(entry)}
          >
            {entry.icon} <b>{entry.name}</b> <span>{entry.side}</span>
          </div>
        ))}
      </div>
      {entries.length === 0 && <p className={styles.none}>{t(stage?.free && !text.trim() ? "floor.palette.type" : "palette.none")}</p>}
    </Modal>
  );
}
