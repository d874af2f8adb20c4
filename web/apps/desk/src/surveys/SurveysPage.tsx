/** What customers answered: each survey with its figure, and of the one chosen all that makes it up. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { number, percent } from "@parlons/ui/format.ts";
import { useEffect, useState } from "react";
import { go } from "../data/route.ts";
import { useMay, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { Frame } from "../sends/Frame.tsx";
import { localTime } from "../sends/drafting.ts";
import { useAsked } from "../sends/sends.ts";
import { Detail } from "./Detail.tsx";
import { type Figure, said } from "./figures.ts";
import styles from "./surveys.module.css";

const DAYS = 30;
const ago = (days: number): string => localTime(new Date(Date.now() - days * 86_400_000).toISOString()).slice(0, 10);

export interface Period {
  since: string;
  until: string;
  firm: string;
}

/** The period as the server takes it: from midnight to midnight here. */
export function query({ since, until, firm }: Period, more: Record<string, string> = {}): string {
  const found = new URLSearchParams(more);
  if (since) found.set("since", new Date(`${since}T00:00:00`).toISOString());
  if (until) {
    const end = new Date(`${until}T00:00:00`);
    end.setDate(end.getDate() + 1);
    found.set("until", end.toISOString());
  }
  if (firm) found.set("firm_id", firm);
  return found.toString();
}

function Filters({ period, change }: { period: Period; change: (part: Partial<Period>) => void }) {
  const { t } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  return (
    <div className={styles.filters} role="group" aria-label={t("surveyed.filters")}>
      <TextInput type="date" label={t("surveyed.from")} value={period.since} max={period.until} onChange={(event) => change({ since: event.currentTarget.value || ago(DAYS) })} />
      <TextInput type="date" label={t("surveyed.to")} value={period.until} min={period.since} onChange={(event) => change({ until: event.currentTarget.value || ago(0) })} />
      {firms.length > 1 && (
        <NativeSelect
          label={t("surveyed.part.firm")}
          value={period.firm}
          onChange={(event) => change({ firm: event.currentTarget.value })}
          data={[{ value: "", label: t("surveyed.allFirms") }, ...firms.map((each) => ({ value: each.id, label: each.name }))]}
        />
      )}
    </div>
  );
}

function All({ items, chosen, choose }: { items: Figure[]; chosen: Figure; choose: (id: string) => void }) {
  const { t, locale } = useTexts();
  return (
    <ul className={styles.all} aria-label={t("surveyed.surveys")}>
      {items.map((each) => (
        <li key={each.survey_id}>
          <button type="button" aria-pressed={each === chosen} onClick={() => choose(each.survey_id)}>
            <span>{each.survey}</span>
            <b className="num">{said(each, locale)}</b>
            <small>
              {t(`surveyed.kind.${each.kind}`)} · {t("surveyed.answeredOf", { answered: number(each.answered, locale), asked: number(each.asked, locale) })}
              {each.asked > 0 && ` (${percent(each.answered / each.asked, locale)})`}
            </small>
          </button>
        </li>
      ))}
    </ul>
  );
}

export default function SurveysPage() {
  const { t } = useTexts();
  const configures = useMay("configure");
  const [period, setPeriod] = useState<Period>(() => ({ since: ago(DAYS), until: ago(0), firm: "" }));
  const [survey, setSurvey] = useState("");
  const { told, failed, again } = useAsked<{ items: Figure[] }>(`/surveys/figures?${query(period)}`);
  useEffect(() => {
    document.title = `${t("place.surveys")} · Parlons`;
  }, [t]);
  const chosen = told?.items.find((each) => each.survey_id === survey) ?? told?.items[0];
  const settings = configures && (
    <Button variant="default" onClick={() => go({ page: "settings", section: "surveys", name: null })}>
      {t("surveyed.settings")}
    </Button>
  );
  return (
    <Frame title={t("place.surveys")} acts={settings} failed={failed} again={again}>
      <Filters period={period} change={(part) => setPeriod({ ...period, ...part })} />
      {told && !chosen && (
        <div className={styles.none}>
          <p>{t("surveyed.none")}</p>
          <p className={styles.quiet}>{t("surveyed.noneHelp")}</p>
        </div>
      )}
      {told && chosen && (
        <>
          <All items={told.items} chosen={chosen} choose={setSurvey} />
          <Detail key={`${chosen.survey_id} ${query(period)}`} figure={chosen} period={period} />
        </>
      )}
    </Frame>
  );
}
