/** Every article in whatever state, for who sees the floor: with its readers, and what was sought in vain. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { number, when } from "@parlons/ui/format.ts";
import { Plus } from "lucide-react";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go, type Route } from "../data/route.ts";
import { useMay, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { AUDIENCES, type Figures, helpful, LANGUAGES, type Line, STATES } from "./articles.ts";
import styles from "./knowledge.module.css";
import { Gaps } from "./Gaps.tsx";
import { Search } from "./Search.tsx";
import { Setup } from "./Setup.tsx";
import { follow, Sheet } from "./Sheet.tsx";

interface Page {
  items: Line[];
  next: string | null;
}
const NONE = { state: "", language: "", audience: "", q: "" };

function Row({ one, figures }: { one: Line; figures: Figures | null }) {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms) ?? [];
  const to: Route = { page: "knowledge", article: one.id };
  const read = figures?.articles.find((each) => each.id === one.id);
  const share = helpful(read);
  const facts = [
    t(`knowledge.languages.${one.language as "fr"}`),
    t(`knowledge.audiences.${one.audience}`),
    firms.length > 1 && firms.find((each) => each.id === one.firm_id)?.name,
    [one.changed_by, when(one.changed_at, locale)].filter(Boolean).join(", "),
    read && read.views > 0 && t("knowledge.views", { count: read.views, number: number(read.views, locale) }),
    share !== null && t("knowledge.helpful", { share: new Intl.NumberFormat(locale, { style: "percent" }).format(share) }),
  ].filter(Boolean);
  return (
    <li>
      <a href={address(to)} onClick={follow(to)}>
        <b>{one.title}</b>
        <em data-state={one.state}>{t(`knowledge.states.${one.state}`)}</em>
        <small>{facts.join(" · ")}</small>
      </a>
    </li>
  );
}

export function List() {
  const { t } = useTexts();
  const steers = useMay("steer");
  const [filters, setFilters] = useState(NONE);
  const asked = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  const path = `/articles?${asked}`;
  const list = useAsked<Page>(path);
  const { told: figures } = useAsked<Figures>("/articles/figures");
  const choose = (name: keyof typeof NONE) => (event: { currentTarget: { value: string } }) => setFilters({ ...filters, [name]: event.currentTarget.value });
  const more = async (next: string) => {
    const page = await attempt(get<Page>(`${path}&cursor=${next}`));
    if (page && list.told) list.put({ items: [...list.told.items, ...page.items], next: page.next });
  };
  const all = { value: "", label: t("knowledge.any") };
  const fresh = steers && (
    <Button leftSection={<Plus size={16} />} onClick={() => go({ page: "knowledge", article: "new" })}>
      {t("knowledge.new")}
    </Button>
  );
  return (
    <Sheet title={t("place.knowledge")} acts={fresh} failed={list.failed} again={list.again}>
      <Search />
      <section aria-label={t("knowledge.all")}>
        <h2>{t("knowledge.all")}</h2>
        <div className={styles.row} role="group" aria-label={t("knowledge.filters")}>
          <NativeSelect label={t("knowledge.state")} value={filters.state} onChange={choose("state")} data={[all, ...STATES.map((each) => ({ value: each, label: t(`knowledge.states.${each}`) }))]} />
          <NativeSelect label={t("knowledge.written")} value={filters.language} onChange={choose("language")} data={[all, ...LANGUAGES.map((each) => ({ value: each, label: t(`knowledge.languages.${each}`) }))]} />
          <NativeSelect label={t("knowledge.audience")} value={filters.audience} onChange={choose("audience")} data={[all, ...AUDIENCES.map((each) => ({ value: each, label: t(`knowledge.audiences.${each}`) }))]} />
          <TextInput label={t("knowledge.titleHas")} maxLength={100} value={filters.q} onChange={choose("q")} />
        </div>
        {list.told?.items.length === 0 && <p className={styles.quiet}>{t("knowledge.none")}</p>}
        <ul className={styles.list}>{list.told?.items.map((one) => <Row key={one.id} one={one} figures={figures} />)}</ul>
        {list.told?.next && (
          <Button variant="default" onClick={() => list.told?.next && void more(list.told.next)}>
            {t("left.more")}
          </Button>
        )}
      </section>
      <Gaps figures={figures} />
      {steers && <Setup />}
    </Sheet>
  );
}
