/** All sends, newest first: each with its state, how far it is, and what failed. */
import { Button } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { number, when } from "@parlons/ui/format.ts";
import { Plus } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go, type Route } from "../data/route.ts";
import { Line } from "../drawing/Strip.tsx";
import { useTexts } from "../i18n/index.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { Frame } from "./Frame.tsx";
import { partsOf } from "./parts.ts";
import styles from "./sends.module.css";
import { moves, type Send, sum, useAsked } from "./sends.ts";
import { SendState } from "./SendState.tsx";

const SOON_MS = 3000;
interface Page {
  items: Send[];
  next: string | null;
}

const follow = (to: Route) => (event: MouseEvent) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(to);
};

function Row({ send }: { send: Send }) {
  const { t, locale } = useTexts();
  const { report: r } = send;
  const to: Route = { page: "sends", send: send.id };
  const facts = [
    send.state === "draft" ? t("sends.by", { name: send.created_by }) : t("sends.sentOf", { sent: number(r.sent, locale), all: number(r.recipients, locale) }),
    r.answered > 0 && t("sends.answered", { count: r.answered, number: number(r.answered, locale) }),
    sum(r.failed) > 0 && t("sends.failed", { count: sum(r.failed), number: number(sum(r.failed), locale) }),
    r.unsure > 0 && t("sends.unsure", { count: r.unsure, number: number(r.unsure, locale) }),
  ].filter(Boolean);
  return (
    <li>
      <a href={address(to)} onClick={follow(to)} className={styles.row}>
        <ChannelIcon channel={send.channel} size={16} />
        <b>{send.name}</b>
        <SendState send={send} />
        <span className={`${styles.facts} num`}>{facts.join(" · ")}</span>
        <time className="num" dateTime={send.created_at}>{when(send.started_at ?? send.created_at, locale)}</time>
        {send.state !== "draft" && (
          <span className={styles.line}>
            <Line parts={partsOf(send, t)} thin />
          </span>
        )}
      </a>
    </li>
  );
}

export function SendList() {
  const { t } = useTexts();
  const asked = useAsked<Page>("/sends?limit=20", ({ items }) => (items.some(moves) ? SOON_MS : null));
  const [older, setOlder] = useState<Page | null>(null);
  const { told, failed } = asked;
  const next = (older ?? told)?.next;
  useEffect(() => setOlder(null), []);
  const more = async () => {
    const page = await attempt(get<Page>(`/sends?limit=20&cursor=${encodeURIComponent(next ?? "")}`));
    if (page) setOlder({ items: [...(older?.items ?? []), ...page.items], next: page.next });
  };
  const seen = new Set(told?.items.map((each) => each.id));
  const items = [...(told?.items ?? []), ...(older?.items ?? []).filter((each) => !seen.has(each.id))];
  const fresh = (
    <Button leftSection={<Plus size={16} />} component="a" href={address({ page: "sends", send: "new" })} onClick={follow({ page: "sends", send: "new" })}>
      {t("sends.new")}
    </Button>
  );
  return (
    <Frame title={t("place.sends")} acts={fresh} failed={failed} again={asked.again}>
      {told && items.length === 0 && (
        <div className={styles.none}>
          <p>{t("sends.none")}</p>
          <p className={styles.quiet}>{t("sends.noneHelp")}</p>
        </div>
      )}
      <ul className={styles.list} aria-label={t("place.sends")}>
        {items.map((each) => (
          <Row key={each.id} send={each} />
        ))}
      </ul>
      {next && (
        <Button variant="default" mt={12} onClick={() => void more()}>
          {t("sends.older")}
        </Button>
      )}
    </Frame>
  );
}
