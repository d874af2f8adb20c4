/** A word to the team: to everybody at work, one queue's people, or those with one skill; and who has seen the last ones. */
import { Button, NativeSelect, Popover, Textarea } from "@mantine/core";
import type { Sent } from "@parlons/client/floor.ts";
import { get } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { Megaphone } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { sendMessage } from "./acts.ts";
import styles from "./live.module.css";
import { useSkills } from "./useFloor.ts";

const SHOWN = 3;
const AGAIN_MS = 5000;

/** What I said today and how many have seen it. */
function Told() {
  const { t, locale } = useTexts();
  const [items, setItems] = useState<Sent[]>([]);
  useEffect(() => {
    const leave = new AbortController();
    const ask = () =>
      get<{ items: Sent[] }>("/floor/messages", leave.signal)
        .then((page) => setItems(page.items))
        .catch(() => undefined);
    void ask();
    const timer = setInterval(ask, AGAIN_MS);
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, []);
  if (items.length === 0) return null;
  return (
    <ul className={styles.told} aria-label={t("floor.message.last")}>
      {items.slice(0, SHOWN).map((each) => (
        <li key={each.id}>
          <span className="num">{time(each.at, locale)}</span> <span>{each.text}</span>
          <small className="num">{t("floor.message.seenBy", { count: each.seen, told: each.told })}</small>
        </li>
      ))}
    </ul>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const { t } = useTexts();
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const skills = useSkills();
  const [text, setText] = useState("");
  const [to, setTo] = useState("all");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const [kind, name] = [to.slice(0, 2), to.slice(2)];
    const whom = kind === "q:" ? { queue_id: name } : kind === "s:" ? { skill: name } : {};
    if (text.trim() && (await sendMessage({ text: text.trim(), ...whom }))) onDone();
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <NativeSelect
        size="sm"
        label={t("floor.message.to")}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        data={[
          { value: "all", label: t("floor.message.everybody") },
          {
            group: t("transfer.queues"),
            items: Object.values(queues).map((queue) => ({ value: `q:${queue.id}`, label: queue.name })),
          },
          { group: t("people.skills"), items: skills.map((skill) => ({ value: `s:${skill}`, label: skill })) },
        ]}
      />
      <Textarea
        label={t("floor.message.text")}
        description={t("floor.message.help")}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Button type="submit" disabled={!text.trim()}>
        {t("floor.message.send")}
      </Button>
    </form>
  );
}

export function MessageMenu() {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} width="min(340px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          className={styles.tool}
          leftSection={<Megaphone size={15} />}
          aria-label={t("floor.message.name")}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span>{t("floor.message.name")}</span>
        </Button>
      </Popover.Target>
      {open && (
        <Popover.Dropdown className={styles.arrange} aria-label={t("floor.message.name")}>
          <Form onDone={() => setOpen(false)} />
          <Told />
        </Popover.Dropdown>
      )}
    </Popover>
  );
}
