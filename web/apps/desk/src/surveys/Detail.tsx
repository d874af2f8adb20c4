/** One survey: its finding, its parts and answers drawn, who and what they come from, over time, and the last words. */
import { Button, NativeSelect } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { day, number, percent, when } from "@parlons/ui/format.ts";
import { type MouseEvent, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { address, go, type Route } from "../data/route.ts";
import { useMay, useSession } from "../data/session.ts";
import { Bars } from "../drawing/Bars.tsx";
import { Columns } from "../drawing/Columns.tsx";
import { Strip } from "../drawing/Strip.tsx";
import { useTexts } from "../i18n/index.ts";
import { useAsked } from "../sends/sends.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { languageName } from "../shell/words.ts";
import { type Answer, distribution, type Figure, PARTS, type Part, said, shareOf, steps, valueOf } from "./figures.ts";
import { type Period, query } from "./SurveysPage.tsx";
import styles from "./surveys.module.css";

const WEEKS_FROM_DAYS = 45;

interface Props {
  figure: Figure;
  period: Period;
}

/** The name of what a group of answers has in common. */
function useName(part: Part): (one: Figure) => string {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  return ({ part: key, name }) => {
    if (key === null) return t("surveyed.without");
    if (part === "channel") return t(`channelName.${key}` as "channelName.sms", { defaultValue: key });
    if (part === "language") return languageName(key, locale);
    return (part === "queue" ? queues[key]?.name : part === "firm" ? firms.find((each) => each.id === key)?.name : name) ?? t("surveyed.gone");
  };
}

function useFigures(figure: Figure, period: Period, more: Record<string, string>): Figure[] {
  const { told } = useAsked<{ items: Figure[] }>(`/surveys/figures?${query(period, { survey_id: figure.survey_id, ...more })}`);
  return told?.items ?? [];
}

function By({ figure, period }: Props) {
  const { t, locale } = useTexts();
  const [part, setPart] = useState<Part>("queue");
  const nameOf = useName(part);
  const rows = useFigures(figure, period, { by: part }).sort((a, b) => b.answered - a.answered);
  return (
    <div>
      <NativeSelect
        className={styles.by}
        label={t("surveyed.by")}
        value={part}
        onChange={(event) => setPart(event.currentTarget.value as Part)}
        data={PARTS.map((each) => ({ value: each, label: t(`surveyed.part.${each}`) }))}
      />
      <Bars
        title={t("surveyed.byOf", { part: t(`surveyed.part.${part}`).toLowerCase() })}
        heads={[t(`surveyed.part.${part}`), t(`surveyed.figure.${figure.kind}`), t("surveyed.answered")]}
        rows={rows.map((one) => ({
          key: one.part ?? "",
          name: nameOf(one),
          said: said(one, locale),
          side: t("surveyed.of", { answered: number(one.answered, locale), asked: number(one.asked, locale) }),
          share: shareOf(one),
        }))}
      />
    </div>
  );
}

function Time({ figure, period }: Props) {
  const { t, locale } = useTexts();
  const weekly = Date.parse(period.until) - Date.parse(period.since) > WEEKS_FROM_DAYS * 86_400_000;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const found = useFigures(figure, period, { by: weekly ? "week" : "day", zone });
  const at = (date: string) => day(`${date}T12:00:00`, locale);
  return (
    <Columns
      title={t(weekly ? "surveyed.byWeek" : "surveyed.byDay")}
      heads={[t(weekly ? "surveyed.week" : "surveyed.day"), t(`surveyed.figure.${figure.kind}`), t("surveyed.answered")]}
      rows={steps(period.since, period.until, weekly, found).map(({ day: date, one }) => ({
        key: date,
        name: at(date),
        said: one ? said(one, locale) : "–",
        side: one ? t("surveyed.of", { answered: number(one.answered, locale), asked: number(one.asked, locale) }) : "",
        share: one ? shareOf(one) : null,
      }))}
    />
  );
}

function Words({ figure, period }: Props) {
  const { t, locale } = useTexts();
  const [items, setItems] = useState<Answer[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const path = `/surveys/answers?${query(period, { survey_id: figure.survey_id, in_words: "true", limit: "10" })}`;
  const read = async (cursor: string | null) => {
    const page = await attempt(get<{ items: Answer[]; next: string | null }>(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path));
    if (!page) return;
    setItems((before) => [...(cursor ? (before ?? []) : []), ...page.items]);
    setNext(page.next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew when the path is another
  useEffect(() => void read(null), [path]);
  const follow = (to: Route) => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <section aria-label={t("surveyed.words")}>
      <h3>{t("surveyed.words")}</h3>
      {items?.length === 0 && <p className={styles.quiet}>{t("surveyed.noWords")}</p>}
      <ul className={styles.words}>
        {items?.map((each) => {
          const to: Route = { page: "desk", conversation: each.conversation_id };
          return (
            <li key={each.id}>
              <blockquote lang={each.language}>{each.comment}</blockquote>
              <p className={styles.quiet}>
                <ChannelIcon channel={each.channel} /> {each.label ?? (each.score !== null && t("surveyed.score", { score: each.score }))}{" "}
                <time className="num" dateTime={each.answered_at}>{when(each.answered_at, locale)}</time>{" "}
                <a href={address(to)} onClick={follow(to)}>
                  {t("surveyed.conversation")}
                </a>
              </p>
            </li>
          );
        })}
      </ul>
      {next && (
        <Button variant="default" onClick={() => void read(next)}>
          {t("surveyed.older")}
        </Button>
      )}
    </section>
  );
}

export function Detail({ figure, period }: Props) {
  const { t, locale } = useTexts();
  const reads = useMay("read");
  const answers = distribution(figure, locale);
  const parts = figure.nps_parts;
  const many = { answered: number(figure.answered, locale), asked: number(figure.asked, locale) };
  const finding = valueOf(figure) === null ? t("surveyed.findingPlain", many) : t(`surveyed.finding.${figure.kind as "csat"}`, { ...many, value: said(figure, locale) });
  return (
    <section className={styles.detail} aria-label={figure.survey}>
      <h2>{finding}</h2>
      {parts && figure.answered > 0 && (
        <Strip
          parts={[
            { key: "good", name: t("surveyed.nps.promoters"), value: parts.promoters, fill: "ok" },
            { key: "plain", name: t("surveyed.nps.passives"), value: parts.passives, fill: "off" },
            { key: "bad", name: t("surveyed.nps.detractors"), value: parts.detractors, fill: "bad" },
          ]}
        />
      )}
      <div className={styles.drawn}>
        {answers.length > 0 && figure.answered > 0 && (
          <Bars
            title={t("surveyed.distribution")}
            heads={[t("surveyed.answer"), t("surveyed.people"), t("surveyed.share")]}
            rows={answers.map(({ key, name, many: count }) => ({
              key,
              name,
              said: number(count, locale),
              side: percent(count / figure.answered, locale),
              share: count / figure.answered,
            }))}
          />
        )}
        <By figure={figure} period={period} />
      </div>
      <Time figure={figure} period={period} />
      {reads && <Words figure={figure} period={period} />}
    </section>
  );
}
