/** What an address was sent, how it answered, and sending it again. */
import { Button, NativeSelect } from "@mantine/core";
import { get, newKey, post } from "@parlons/client/http.ts";
import { useCallback, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "../people/people.module.css";
import type { Page } from "../people/people.ts";
import own from "./webhooks.module.css";
import { type Delivery, errorWords, type Hook, kindWords, moment } from "./webhooks.ts";

const AGAIN_MS = 2000;
const DAYS = 3;
const STATES = ["waiting", "delivered", "failed"] as const;

/** `stamp` rises when something was sent: the log is read anew, and again while anything that is due has not been tried. */
export function Deliveries({ hook, stamp }: { hook: Hook; stamp: number }) {
  const { t, locale } = useTexts();
  const [state, setState] = useState("");
  const [items, setItems] = useState<Delivery[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [body, setBody] = useState<{ id: string; text: string } | null>(null);
  const path = `/webhooks/${hook.id}/deliveries`;
  const read = useCallback(
    async (after: string | null = null) => {
      const query = `?limit=30${state && `&state=${state}`}${after ? `&after=${after}` : ""}`;
      const page = await attempt(get<Page<Delivery>>(`${path}${query}`));
      if (!page) return;
      setItems((before) => (after ? [...(before ?? []), ...page.items] : page.items));
      setNext(page.next);
    },
    [path, state],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew when something was sent
  useEffect(() => void read(), [read, stamp]);
  const pending = items?.some((each) => each.state === "waiting" && each.attempts === 0) ?? false;
  useEffect(() => {
    if (!pending) return;
    const timer = setInterval(() => void read(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [pending, read]);
  const again = async (what: { ids: string[] } | { failed_since: string }) => {
    const sent = await attempt(post<{ count: number }>(`${path}/again`, what, { key: newKey() }));
    if (!sent) return;
    toast(t("hooks.sentAgain", { count: sent.count }));
    await read();
  };
  const since = () => new Date(Date.now() - DAYS * 86_400_000).toISOString();
  const show = async (one: Delivery) => {
    if (body?.id === one.id) return setBody(null);
    const found = await attempt(get<{ body: string }>(`${path}/${one.id}`));
    if (found) setBody({ id: one.id, text: JSON.stringify(JSON.parse(found.body), null, 2) });
  };
  const outcome = (one: Delivery) =>
    [
      t(`hooks.delivery.${one.state}`),
      one.status ?? (one.error && errorWords(t, one.error)),
      one.duration_ms !== null && t("hooks.took", { ms: one.duration_ms }),
      one.attempts > 0 && t("hooks.attempts", { count: one.attempts }),
      one.next_at && one.attempts > 0 && t("hooks.next", { at: moment(one.next_at, locale) }),
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <section className={styles.ways} aria-label={t("hooks.log")}>
      <h3>{t("hooks.log")}</h3>
      <p className={styles.quiet}>{t("hooks.logHelp")}</p>
      <div className={styles.row}>
        <NativeSelect
          aria-label={t("hooks.which")}
          data={[{ value: "", label: t("hooks.every") }, ...STATES.map((each) => ({ value: each, label: t(`hooks.delivery.${each}`) }))]}
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
        />
        <Button variant="default" onClick={() => void read()}>{t("hooks.refresh")}</Button>
        {hook.active && <Button variant="default" onClick={() => void again({ failed_since: since() })}>{t("hooks.failedAgain")}</Button>}
      </div>
      {items?.length === 0 && <p className={styles.quiet}>{t("hooks.logNone")}</p>}
      <ul className={styles.list}>
        {items?.map((each) => {
          const of = { type: kindWords(t, each.type), at: moment(each.created_at, locale) };
          const open = body?.id === each.id;
          return (
            <li key={each.id}>
              <div className={styles.item}>
                <b>{of.type}</b>
                <span>{of.at} · <span className={own.state} data-bad={each.state === "failed" || undefined}>{outcome(each)}</span></span>
                {open && <pre className={own.body}>{body.text}</pre>}
              </div>
              <div className={own.acts}>
                <Button size="compact-sm" variant="subtle" aria-expanded={open} aria-label={t(open ? "hooks.hideOf" : "hooks.bodyOf", of)} onClick={() => void show(each)}>{t(open ? "hooks.hide" : "hooks.body")}</Button>
                {hook.active && each.state !== "waiting" && (
                  <Button size="compact-sm" variant="default" aria-label={t("hooks.againOf", of)} onClick={() => void again({ ids: [each.id] })}>{t("hooks.again")}</Button>
                )}
              </div>
            </li>
          );
        })}
      </ul>
      {next && <div className={styles.row}><Button variant="default" onClick={() => void read(next)}>{t("hooks.more")}</Button></div>}
    </section>
  );
}
