/** What a webhook is: its name, address, firm and events; made, changed, switched off. */
import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import "@mantine/core/styles/Switch.css";
import { patch, post } from "@parlons/client/http.ts";
import { type FormEvent, useState } from "react";
import { cause } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "../people/people.module.css";
import { EventChoice } from "./EventChoice.tsx";
import { type Hook, place } from "./webhooks.ts";

interface Props {
  hook: Hook | null;
  types: string[];
  /** It was made: here is its secret. */
  made: (hook: Hook & { secret: string }) => void;
  changed: () => Promise<void>;
}

export function WebhookForm({ hook, types, made, changed }: Props) {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const firms = me?.firms ?? [];
  const bound = me?.user.firm_ids ?? null;
  const [name, setName] = useState(hook?.name ?? "");
  const [url, setUrl] = useState(hook?.url ?? "https://");
  const [firm, setFirm] = useState(hook?.firm_id ?? bound?.[0] ?? "");
  const [events, setEvents] = useState<string[] | null>(hook?.events.length ? hook.events : null);
  const [active, setActive] = useState(hook?.active ?? true);
  const [trouble, setTrouble] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { name, url, firm_id: firm || null, events: events ?? [], active };
    try {
      if (hook) {
        await patch(`/webhooks/${hook.id}`, { ...body, version: hook.version });
        toast(t("staff.kept", { name }));
        setTrouble("");
        await changed();
      } else made(await post<Hook & { secret: string }>("/webhooks", body));
    } catch (error) {
      setTrouble(cause(error));
      announce(cause(error), true);
    }
  };
  const choices = [
    ...(bound === null ? [{ value: "", label: t("hooks.everyFirm") }] : []),
    ...firms.map((each) => ({ value: each.id, label: each.name })),
  ];
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} aria-label={hook?.name ?? t("hooks.new")}>
      <TextInput label={t("hooks.name")} description={t("hooks.nameHelp")} required maxLength={64} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput type="url" label={t("hooks.url")} description={t("hooks.urlHelp")} required maxLength={2000} value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
      <NativeSelect label={t("hooks.firm")} data={choices} value={firm} onChange={(event) => setFirm(event.currentTarget.value)} />
      <EventChoice types={types} value={events} change={setEvents} />
      {hook && <Switch aria-label={t("hooks.active")} label={t("hooks.active")} description={t("hooks.activeHelp")} checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />}
      {trouble && <p className={styles.bad} role="alert">{trouble}</p>}
      <div className={styles.row}>
        <Button type="submit" disabled={events !== null && events.length === 0}>{t(hook ? "staff.save" : "hooks.make")}</Button>
        <Button variant="default" onClick={() => go(place(null))}>{t("staff.cancel")}</Button>
      </div>
    </form>
  );
}
