/** Send the conversation on: to a colleague, who is told and may read it here, or to somebody outside, by mail with all that was said. */
import { Autocomplete, Button, Checkbox, NativeSelect, Textarea } from "@mantine/core";
import { get, newKey, post } from "@parlons/client/http.ts";
import type { ConversationFull, ConversationSummary } from "@parlons/client/types.ts";
import { Forward as ForwardIcon } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { addresses } from "../conversation/ways.ts";
import { addNote, attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./newMessage.module.css";

interface Mailbox {
  id: string;
  channel: string;
  firm_id: string;
  address: string;
}

interface Colleague {
  id: string;
  name: string;
}

/** The firm's mailboxes, the conversation's own first, and who else is at work. */
function useRecipients(full: ConversationFull, open: boolean) {
  const [mailboxes, setMailboxes] = useState<Mailbox[]>([]);
  const [colleagues, setColleagues] = useState<Colleague[]>([]);
  const { id, firm_id } = full;
  const account_id = full.ways?.find((each) => each.channel === "email")?.account_id;
  useEffect(() => {
    if (!open) return;
    const leave = new AbortController();
    get<{ items: Mailbox[] }>("/channels", leave.signal)
      .then(({ items }) => items.filter((each) => each.channel === "email" && each.firm_id === firm_id))
      .then((all) => setMailboxes(all.sort((a, b) => Number(b.id === account_id) - Number(a.id === account_id))))
      .catch(() => undefined);
    get<{ items: Colleague[] }>(`/conversations/${id}/colleagues`, leave.signal)
      .then(({ items }) => setColleagues(items))
      .catch(() => undefined);
    return () => leave.abort();
  }, [id, firm_id, account_id, open]);
  return { mailboxes, colleagues };
}

function useForwarding(full: ConversationFull, recipients: ReturnType<typeof useRecipients>, done: () => void) {
  const { t } = useTexts();
  const [to, setTo] = useState("");
  const [text, setText] = useState("");
  const [files, setFiles] = useState(true);
  const [from, setFrom] = useState("");
  const [asked, setAsked] = useState(false);
  const once = useRef(newKey());
  const { mailboxes, colleagues } = recipients;
  const name = to.trim();
  const colleague = colleagues.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const mailbox = mailboxes.find((each) => each.id === from) ?? mailboxes[0];
  const isAddress = addresses(name).good.length === 1 && addresses(name).wrong.length === 0;
  const can = !asked && (colleague !== undefined || (isAddress && mailbox !== undefined));
  const inside = async (one: Colleague) => {
    const kept = await attempt(addNote(full.id, `@${one.name} ${text.trim() || t("mail.forward.look")}`, [one.id]));
    if (kept) toast(t("mail.forward.told", { name: one.name }));
    return kept;
  };
  const outside = async () => {
    const body = { account_id: mailbox?.id, to: name, text: text.trim(), files, client_id: once.current };
    const made = await attempt(
      post<{ conversation: ConversationSummary }>(`/conversations/${full.id}/send-on`, body, { key: once.current }),
    );
    if (made) toast(t("mail.forward.sent", { to: name }), { open: () => go({ page: "desk", conversation: made.conversation.id }) });
    return made;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!can) return;
    setAsked(true);
    const gone = colleague ? await inside(colleague) : await outside();
    setAsked(false);
    if (gone) done();
  };
  return { to, setTo, text, setText, files, setFiles, mailbox, setFrom, colleague, can, submit };
}

function Form({ full, done }: { full: ConversationFull; done: () => void }) {
  const { t } = useTexts();
  const recipients = useRecipients(full, true);
  const writing = useForwarding(full, recipients, done);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("input")?.focus(), []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && writing.text.trim() === "") done();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  };
  const outside = writing.colleague === undefined;
  return (
    <form ref={form} className={styles.form} onSubmit={(event) => void writing.submit(event)} onKeyDown={onKey}>
      <Autocomplete
        size="sm"
        label={t("mail.forward.to")}
        value={writing.to}
        onChange={writing.setTo}
        data={[...new Set(recipients.colleagues.map((each) => each.name))]}
        maxLength={320}
      />
      {outside && recipients.mailboxes.length > 1 && (
        <NativeSelect
          size="sm"
          label={t("mail.forward.from")}
          value={writing.mailbox?.id}
          onChange={(event) => writing.setFrom(event.currentTarget.value)}
          data={recipients.mailboxes.map((each) => ({ value: each.id, label: each.address }))}
        />
      )}
      <Textarea
        size="sm"
        label={t("channels.new.text")}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={8000}
        value={writing.text}
        onChange={(event) => writing.setText(event.currentTarget.value)}
      />
      {outside && (
        <Checkbox
          size="sm"
          label={t("mail.forward.files")}
          checked={writing.files}
          onChange={(event) => writing.setFiles(event.currentTarget.checked)}
        />
      )}
      <p className={styles.help}>
        {t(!outside ? "mail.forward.helpInside" : recipients.mailboxes.length > 0 ? "mail.forward.help" : "mail.forward.noMailbox")}
      </p>
      <div className={styles.acts}>
        <Button size="compact-md" variant="default" onClick={done}>
          {t("channels.new.cancel")}
        </Button>
        <Button size="compact-md" type="submit" disabled={!writing.can}>
          {t("mail.forward.send")}
        </Button>
      </div>
    </form>
  );
}

/** For who serves customers: others read. */
export function Forward({ full }: { full: ConversationFull }) {
  const { t } = useTexts();
  const worker = useSession((session) => session.me?.worker_id);
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  if (!worker) return null;
  const done = () => {
    setOpen(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <section className={styles.section} aria-label={t("mail.forward.title")}>
      <Button
        ref={opener}
        size="compact-sm"
        variant="default"
        fullWidth
        leftSection={<ForwardIcon size={14} />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t("mail.forward.title")}
      </Button>
      {open && <Form full={full} done={done} />}
    </section>
  );
}
