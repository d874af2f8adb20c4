/** Ready replies: the list with its search, and one of them open beside its address. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { MessageSquareText, Plus, Search, Trash2 } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { plain } from "../conversation/suggesting.ts";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast, useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import type { SectionProps } from "../settings/sections.ts";
import { ReplyForm } from "./ReplyForm.tsx";
import styles from "./replies.module.css";
import { loadReplies, nameOf, removeReply, restoreReply, type Text, useReplyTexts } from "./replies.ts";
import { useSnapshot } from "@parlons/sync/store.ts";

const NEW = "new";
const place = (name: string | null) => ({ page: "settings", section: "replies", name }) as const;

/** One's firms: null stands for all of them. */
export function useMayChange(): (text: Pick<Text, "firm_id">) => boolean {
  const me = useSession((session) => session.me);
  return (text) => text.firm_id !== null || me?.user.firm_ids == null;
}

function Line({ text }: { text: Text }) {
  const { t, locale } = useTexts();
  const firm = useSession((session) => session.me?.firms.find((each) => each.id === text.firm_id)?.name);
  const queue = useSnapshot((snapshot) => snapshot.queues[text.queue_id ?? ""]?.name);
  const may = useMayChange()(text);
  const source = text.texts[locale] ?? Object.values(text.texts)[0] ?? "";
  const facts = [`/${text.shortcut}`, firm ?? t("comfort.replies.allFirms"), queue, Object.keys(text.texts).join(", ")];
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(text.id));
  };
  const gone = async () => {
    if (!(await removeReply(text.id))) return;
    announce(t("comfort.replies.gone", { name: text.title }));
    const undo = () => {
      useUi.setState({ toast: null });
      void restoreReply(text.id);
    };
    toast(t("comfort.replies.gone", { name: text.title }), { undo }, 10);
  };
  return (
    <li>
      <a href={address(place(text.id))} onClick={follow}>
        <b>{text.title}</b>
        <small>{facts.filter(Boolean).join(" · ")}</small>
        <span>{source}</span>
      </a>
      {may && (
        <ActionIcon
          size={32}
          aria-label={t("comfort.replies.delete", { name: text.title })}
          title={t("comfort.replies.delete", { name: text.title })}
          onClick={() => void gone()}
        >
          <Trash2 size={16} />
        </ActionIcon>
      )}
    </li>
  );
}

function Empty() {
  const { t } = useTexts();
  return (
    <div className={styles.empty}>
      <MessageSquareText size={28} aria-hidden="true" />
      <h3>{t("comfort.replies.none")}</h3>
      <p>{t("comfort.replies.noneHelp")}</p>
    </div>
  );
}

function List({ items }: { items: Text[] }) {
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const words = plain(query).split(/\s+/).filter(Boolean);
  const shown = items.filter((each) => {
    const all = plain([each.shortcut, each.title, ...Object.values(each.texts)].join(" "));
    return words.every((word) => all.includes(word));
  });
  if (items.length === 0) return <Empty />;
  return (
    <>
      <TextInput
        className={styles.search}
        aria-label={t("comfort.replies.search")}
        placeholder={t("comfort.replies.search")}
        leftSection={<Search size={15} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {shown.length === 0 && <p className={styles.quiet}>{t("comfort.replies.noneFound")}</p>}
      <ul className={styles.list}>
        {shown.map((each) => (
          <Line key={each.id} text={each} />
        ))}
      </ul>
    </>
  );
}

export default function RepliesPage({ name }: SectionProps) {
  const { t } = useTexts();
  const told = useReplyTexts((state) => state.told);
  useEffect(() => void loadReplies(), []);
  const firms = useSession((session) => session.me?.firms);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const called = (text: Text) =>
    nameOf(text.shortcut, firms?.find((each) => each.id === text.firm_id)?.name, queues[text.queue_id ?? ""]?.name);
  const chosen = told?.items.find((each) => each.id === name || called(each) === name) ?? null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("comfort.replies.title")}>
      <header>
        <h2>{t("comfort.replies.title")}</h2>
        {name === null && (
          <Button leftSection={<Plus size={16} />} onClick={() => go(place(NEW))}>
            {t("comfort.replies.new")}
          </Button>
        )}
      </header>
      {name === null && <p className={styles.quiet}>{t("comfort.replies.intro")}</p>}
      {told && name === null && <List items={told.items} />}
      {told && name !== null && (chosen || name === NEW) && (
        <ReplyForm key={`${name}-${chosen?.version}`} text={chosen} told={told} done={() => go(place(null))} />
      )}
      {told && name !== null && !chosen && name !== NEW && (
        <Button variant="default" onClick={() => go(place(null))}>
          {t("act.back")}
        </Button>
      )}
    </div>
  );
}
