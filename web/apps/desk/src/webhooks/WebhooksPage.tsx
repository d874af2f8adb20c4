/** Webhooks: addresses of programs that are told what happens; their secrets, tests, and what they were sent. */
import { Button } from "@mantine/core";
import { newKey, post, remove } from "@parlons/client/http.ts";
import { Plus } from "lucide-react";
import { type MouseEvent, useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { announce, undoable } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "../people/people.module.css";
import { type Page, useTold } from "../people/people.ts";
import { Secret } from "../people/Secret.tsx";
import type { SectionProps } from "../settings/sections.ts";
import { Deliveries } from "./Deliveries.tsx";
import { WebhookForm } from "./WebhookForm.tsx";
import own from "./webhooks.module.css";
import { ails, type Hook, moment, NEW, place } from "./webhooks.ts";

type WithSecret = Hook & { secret: string };

function Line({ hook }: { hook: Hook }) {
  const { t } = useTexts();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place(hook.id));
  };
  const facts = [
    hook.events.length ? t("hooks.chosen", { count: hook.events.length }) : t("hooks.all"),
    hook.firm_id && firms.find((each) => each.id === hook.firm_id)?.name,
  ];
  return (
    <li>
      <a href={address(place(hook.id))} onClick={follow}>
        <b>{hook.name}</b>
        <span className={own.url} title={hook.url}>{hook.url}</span>
        <small><span className={own.state} data-bad={ails(hook) || undefined}>{t(`hooks.state.${hook.state}`)}</span> · {facts.filter(Boolean).join(" · ")}</small>
      </a>
    </li>
  );
}

/** Why nothing is sent, or is not taken, and what helps. */
function Standing({ hook }: { hook: Hook }) {
  const { t, locale } = useTexts();
  if (hook.state === "working") return null;
  const at = hook.failing_since ? moment(hook.failing_since, locale) : "";
  return <p className={ails(hook) ? styles.bad : styles.quiet} role="status">{t(`hooks.standing.${hook.state}`, { at })}</p>;
}

function Ways({ hook, rotated, changed }: { hook: Hook; rotated: (one: WithSecret) => void; changed: () => Promise<void> }) {
  const { t, locale } = useTexts();
  const [stamp, setStamp] = useState(0);
  const rotate = async () => {
    const one = await attempt(post<WithSecret>(`/webhooks/${hook.id}/secret`));
    if (one) rotated(one);
  };
  const test = async () => {
    if (!(await attempt(post<{ id: string }>(`/webhooks/${hook.id}/test`, {}, { key: newKey() })))) return;
    announce(t("hooks.tested"));
    setStamp((before) => before + 1);
  };
  const gone = () => {
    go(place(null));
    undoable(t("hooks.removed", { name: hook.name }), () => void attempt(remove(`/webhooks/${hook.id}`)).then(changed), () => undefined);
  };
  return (
    <>
      <section className={styles.ways} aria-label={t("hooks.secret")}>
        <h3>{t("hooks.secret")}</h3>
        <p className={styles.quiet}>{hook.old_secret_until ? t("hooks.bothUntil", { at: moment(hook.old_secret_until, locale) }) : t("hooks.rotateHelp")}</p>
        <div className={styles.row}>
          <Button variant="default" onClick={() => void rotate()}>{t("hooks.rotate")}</Button>
          {hook.active && <Button variant="default" onClick={() => void test()}>{t("hooks.test")}</Button>}
          <Button variant="default" color="red" onClick={gone}>{t("hooks.remove")}</Button>
        </div>
      </section>
      <Deliveries hook={hook} stamp={stamp} />
    </>
  );
}

export default function WebhooksPage({ name }: SectionProps) {
  const { t } = useTexts();
  const [hooks, read] = useTold<Page<Hook>>("/webhooks");
  const [kinds] = useTold<Page<{ type: string }>>("/webhook-events");
  const [secret, setSecret] = useState<string | null>(null);
  const chosen = hooks?.items.find((each) => each.id === name || each.name === name) ?? null;
  const told = async (one: WithSecret) => {
    setSecret(one.secret);
    await read();
    go(place(one.id));
  };
  const types = kinds?.items.map((each) => each.type) ?? [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("staff.webhooks")}>
      <header>
        <h2>{chosen?.name ?? t(name === NEW ? "hooks.new" : "staff.webhooks")}</h2>
        {name === null && <Button leftSection={<Plus size={16} />} onClick={() => go(place(NEW))}>{t("hooks.new")}</Button>}
      </header>
      {name === null && <p className={styles.quiet}>{t("hooks.intro")}</p>}
      {name === null && hooks?.items.length === 0 && <p className={styles.quiet}>{t("hooks.none")}</p>}
      {name === null && hooks && <ul className={styles.list}>{hooks.items.map((each) => <Line key={each.id} hook={each} />)}</ul>}
      {chosen && <Standing hook={chosen} />}
      {secret !== null && chosen && <Secret title={t("hooks.secret")} value={secret} help={t("hooks.secretHelp")} done={() => setSecret(null)} />}
      {kinds && hooks && (chosen || name === NEW) && <WebhookForm key={`${name}-${chosen?.version}`} hook={chosen} types={types} made={(one) => void told(one)} changed={read} />}
      {chosen && <Ways key={chosen.id} hook={chosen} rotated={(one) => void told(one)} changed={read} />}
      {hooks && name !== null && !chosen && name !== NEW && <Button variant="default" onClick={() => go(place(null))}>{t("act.back")}</Button>}
    </div>
  );
}
