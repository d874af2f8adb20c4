/** Write to the customer first, in a matter of its own: it waits for the answer, which then comes to whoever wrote. */
import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { Capabilities, Way } from "@parlons/client/channels.ts";
import { get, newKey, post } from "@parlons/client/http.ts";
import type { ConversationFull, ConversationSummary } from "@parlons/client/types.ts";
import { PenLine } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { over, wayKey } from "../conversation/ways.ts";
import { Tally } from "../conversation/Tally.tsx";
import { addressText } from "../conversation/wayWords.ts";
import { channelName } from "../shell/words.ts";
import styles from "./newMessage.module.css";

/** An account by which one may write to any address. */
interface Account {
  id: string;
  channel: string;
  firm_id: string;
  address: string;
  capabilities: Capabilities;
}

const ANYBODY = ["email", "sms"];

/** A way whose address is still to be written. */
const opened = ({ id, channel, address, capabilities }: Account): Way => ({
  channel,
  account_id: id,
  from: address,
  to: "",
  capabilities,
  open_until: null,
  refusal: null,
});

/** The ways on which one may begin, to a new address last; none for who serves nobody. */
function useWays(customerId: string, firmId: string): Way[] {
  const [ways, setWays] = useState<Way[]>([]);
  const worker = useSession((session) => session.me?.worker_id);
  useEffect(() => {
    setWays([]);
    if (!worker) return;
    const leave = new AbortController();
    Promise.all([
      get<{ items: Way[] }>(`/customers/${customerId}/ways`, leave.signal),
      get<{ items: Account[] }>("/channels", leave.signal),
    ])
      .then(([his, all]) => {
        const known = his.items.filter((each) => each.refusal === null && each.open_until === null);
        const any = all.items.filter((each) => each.firm_id === firmId && ANYBODY.includes(each.channel));
        setWays([...known, ...any.map(opened)]);
      })
      .catch(() => undefined);
    return () => leave.abort();
  }, [customerId, firmId, worker]);
  return ways;
}

interface Props {
  full: ConversationFull;
  name: string;
  ways: Way[];
  done: () => void;
}

function useWriting({ full, name, ways, done }: Props) {
  const { t } = useTexts();
  const [key, setKey] = useState(wayKey(ways[0]!));
  const [subject, setSubject] = useState("");
  const [text, setText] = useState("");
  const [to, setTo] = useState("");
  const [his, setHis] = useState(true);
  const [asked, setAsked] = useState(false);
  const once = useRef(newKey());
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("select, textarea")?.focus(), []);
  const way = ways.find((each) => wayKey(each) === key) ?? ways[0]!;
  const excess = over(text, way.capabilities);
  const anew = way.to === "";
  const can = text.trim() !== "" && excess === 0 && !asked && (!anew || to.trim() !== "");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!can) return;
    setAsked(true);
    const body = {
      customer_id: anew && !his ? undefined : full.customer.id,
      account_id: way.account_id,
      to: anew ? to.trim() : way.to,
      claim: anew && his,
      text: text.trim(),
      subject: way.capabilities.subject ? subject.trim() : undefined,
      language: full.language,
      client_id: once.current,
    };
    const made = await attempt(post<{ conversation: ConversationSummary }>("/conversations", body, { key: once.current }));
    setAsked(false);
    if (!made) return;
    done();
    toast(t("channels.new.sent", { name: anew && !his ? to.trim() : name }), { open: () => go({ page: "desk", conversation: made.conversation.id }) });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && text.trim() === "") done();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  };
  return { form, onKey, way, setKey, anew, to, setTo, his, setHis, subject, setSubject, text, setText, excess, can, submit };
}

function Form(props: Props) {
  const { t } = useTexts();
  const writing = useWriting(props);
  const { way, text } = writing;
  return (
    <form
      ref={writing.form}
      className={styles.form}
      onSubmit={(event) => void writing.submit(event)}
      onKeyDown={writing.onKey}
    >
      <NativeSelect
        size="sm"
        label={t("channels.new.by")}
        value={wayKey(way)}
        onChange={(event) => writing.setKey(event.currentTarget.value)}
        data={props.ways.map((each) => ({ value: wayKey(each), label: [channelName(each.channel, t), each.to ? addressText(each) : t("channels.new.another")].filter(Boolean).join(" · ") }))}
      />
      {writing.anew && (
        <>
          <TextInput
            size="sm"
            label={t(way.channel === "email" ? "channels.new.mail" : "channels.new.number")}
            type={way.channel === "email" ? "email" : "tel"}
            value={writing.to}
            maxLength={320}
            onChange={(event) => writing.setTo(event.currentTarget.value)}
          />
          <Checkbox
            size="sm"
            label={t("channels.new.his", { name: props.name })}
            checked={writing.his}
            onChange={(event) => writing.setHis(event.currentTarget.checked)}
          />
        </>
      )}
      {way.capabilities.subject && (
        <TextInput
          size="sm"
          label={t("channels.subject")}
          value={writing.subject}
          maxLength={200}
          onChange={(event) => writing.setSubject(event.currentTarget.value)}
        />
      )}
      <Textarea
        size="sm"
        label={t("channels.new.text")}
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(event) => writing.setText(event.currentTarget.value)}
      />
      <p className={styles.help}>{t("channels.new.help")}</p>
      <div className={styles.acts}>
        <Tally text={text} over={writing.excess} segmented={way.capabilities.segments} keptAt={null} />
        <Button size="compact-md" variant="default" onClick={props.done}>
          {t("channels.new.cancel")}
        </Button>
        <Button size="compact-md" type="submit" disabled={!writing.can}>
          {t("composer.send")}
        </Button>
      </div>
    </form>
  );
}

export function NewMessage({ full, name }: { full: ConversationFull; name: string }) {
  const { t } = useTexts();
  const ways = useWays(full.customer.id, full.firm_id);
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  if (ways.length === 0) return null;
  const done = () => {
    setOpen(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <section className={styles.section} aria-label={t("channels.new.title")}>
      <Button
        ref={opener}
        size="compact-sm"
        variant="default"
        fullWidth
        leftSection={<PenLine size={14} />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t("channels.new.title")}
      </Button>
      {open && <Form full={full} name={name} ways={ways} done={done} />}
    </section>
  );
}
