/** Those who left a queue, a chat or a form before an answer: how many, what became of them, and each with what to do. */
import { Button, Checkbox, NativeSelect } from "@mantine/core";
import "@mantine/core/styles/Checkbox.css";
import { get } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { number, rough } from "@parlons/ui/format.ts";
import { useEffect, useMemo, useState } from "react";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { useMay } from "../data/session.ts";
import { Strip } from "../drawing/Strip.tsx";
import { useTexts } from "../i18n/index.ts";
import { Frame } from "../sends/Frame.tsx";
import { useAsked } from "../sends/sends.ts";
import { LeaverRow } from "./LeaverRow.tsx";
import { DAYS, type Figures, type Filters, type Leaver, parts, query, REASONS } from "./left.ts";
import styles from "./left.module.css";

const AGAIN_MS = 20_000;
const PAGE = 50;

interface Page {
  items: Leaver[];
  next: string | null;
}

function Choices({ filters, change }: { filters: Filters; change: (part: Partial<Filters>) => void }) {
  const { t } = useTexts();
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const named = Object.values(queues).map((each) => ({ value: each.id, label: each.name }));
  return (
    <div className={styles.filters} role="group" aria-label={t("left.filters")}>
      <NativeSelect
        label={t("left.period")}
        value={filters.days}
        onChange={(event) => change({ days: event.currentTarget.value })}
        data={DAYS.map((each) => ({ value: each, label: t(`left.days.${each}`) }))}
      />
      <NativeSelect
        label={t("left.why")}
        value={filters.reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
        data={[{ value: "", label: t("left.all") }, ...REASONS.map((each) => ({ value: each, label: t(`left.reason.${each}`) }))]}
      />
      <NativeSelect
        label={t("left.queue")}
        value={filters.queue}
        onChange={(event) => change({ queue: event.currentTarget.value })}
        data={[{ value: "", label: t("left.all") }, ...named]}
      />
      <Checkbox
        className={styles.only}
        label={t("left.onlyWaiting")}
        checked={filters.waiting}
        onChange={(event) => change({ waiting: event.currentTarget.checked })}
      />
    </div>
  );
}

function Drawn({ figures }: { figures: Figures }) {
  const { t, locale } = useTexts();
  const { messages: sent } = figures;
  const reached = figures.states.recontacted ?? 0;
  const facts = [
    t("left.found", { count: figures.left, number: number(figures.left, locale), time: rough(figures.waited_seconds ?? 0, locale) }),
    reached > 0 && t("left.reached", { count: reached, number: number(reached, locale) }),
    sent.answered > 0 && t("left.answers", { count: sent.answered, number: number(sent.answered, locale) }),
    sent.failed > 0 && t("left.notThere", { count: sent.failed, number: number(sent.failed, locale) }),
  ].filter(Boolean);
  return (
    <section className={styles.drawn} aria-label={t("left.figures")}>
      <h2>{facts.join(" ")}</h2>
      <Strip parts={parts(figures, t)} />
    </section>
  );
}

function List({ page, after }: { page: Page; after: () => unknown }) {
  const { t } = useTexts();
  const queues = useSnapshot((snapshot) => snapshot.queues);
  return (
    <ul className={styles.list} aria-label={t("place.left")}>
      {page.items.map((one) => (
        <LeaverRow key={one.id} one={one} queue={queues[one.queue_id ?? ""]?.name ?? ""} after={after} />
      ))}
    </ul>
  );
}

export default function LeftPage() {
  const { t } = useTexts();
  const configures = useMay("configure");
  const [filters, setFilters] = useState<Filters>({ days: "1", reason: "", queue: "", waiting: false });
  const asked = useMemo(() => query(filters, new Date()), [filters]);
  const listed = `/leavers?${asked}&limit=${PAGE}${filters.waiting ? "&state=waiting" : ""}`;
  const list = useAsked<Page>(listed, () => AGAIN_MS);
  const figures = useAsked<Figures>(`/leavers/figures?${asked}`, () => AGAIN_MS);
  useEffect(() => {
    document.title = `${t("place.left")} · Parlons`;
  }, [t]);
  const again = () => Promise.all([list.again(), figures.again()]);
  const more = async (next: string) => {
    const page = await attempt(get<Page>(`${listed}&after=${next}`));
    if (page && list.told) list.put({ items: [...list.told.items, ...page.items], next: page.next });
  };
  const rules = configures && (
    <Button variant="default" onClick={() => go({ page: "settings", section: "recontact", name: null })}>
      {t("left.rules")}
    </Button>
  );
  return (
    <Frame title={t("place.left")} acts={rules} failed={list.failed ?? figures.failed} again={again}>
      <Choices filters={filters} change={(part) => setFilters({ ...filters, ...part })} />
      {figures.told && figures.told.left > 0 && <Drawn figures={figures.told} />}
      {list.told?.items.length === 0 && (
        <div className={styles.none}>
          <p>{t("left.none")}</p>
          <p>{t("left.noneHelp")}</p>
        </div>
      )}
      {list.told && list.told.items.length > 0 && <List page={list.told} after={again} />}
      {list.told?.next && (
        <Button variant="default" className={styles.more} onClick={() => list.told?.next && void more(list.told.next)}>
          {t("left.more")}
        </Button>
      )}
    </Frame>
  );
}
