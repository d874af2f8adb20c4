/** When somebody is there: three ways to say it, in the firm's time zone. Proven by what the server says of this moment. */
import { NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import { when } from "@parlons/ui/format.ts";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { type Hours, hoursOf } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";
import styles from "./welcome.module.css";
import { choiceOf, DAYS, type Texts, textsOf, weekOf, weekOfTexts } from "./week.ts";

interface Standing {
  name: string;
  open: boolean;
  next_opening_at: string | null;
}

function OpenNow({ hours }: { hours: Hours | undefined }) {
  const { t, locale } = useTexts();
  const [standing, setStanding] = useState<Standing | null>(null);
  const name = hours?.name;
  const written = JSON.stringify(hours);
  useEffect(() => {
    const leave = new AbortController();
    if (written)
      get<{ items: Standing[] }>("/hours", leave.signal).then(
        ({ items }) => setStanding(items.find((each) => each.name === name) ?? null),
        () => undefined,
      );
    return () => leave.abort();
  }, [name, written]);
  if (!standing) return null;
  const text = standing.open
    ? t("welcome.hours.open")
    : standing.next_opening_at
      ? t("welcome.hours.closedUntil", { when: when(standing.next_opening_at, locale) })
      : t("welcome.hours.closed");
  return (
    <p role="status" className={styles.standing} data-tone={standing.open ? "ok" : "warn"}>
      {text}
    </p>
  );
}

function zones(own: string): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return all.includes(own) ? all : [own, ...all];
}

function OwnWeek({ texts, change }: { texts: Texts; change: (texts: Texts) => void }) {
  const { t } = useTexts();
  return (
    <fieldset className={styles.week}>
      <legend>{t("welcome.hours.weekHelp")}</legend>
      {DAYS.map((day) => (
        <TextInput
          key={day}
          label={t(`welcome.hours.days.${day}`)}
          placeholder={t("welcome.hours.closedDay")}
          value={texts[day] ?? ""}
          onChange={(event) => change({ ...texts, [day]: event.currentTarget.value })}
        />
      ))}
    </fieldset>
  );
}

export default function HoursStep({ document, leave }: StepPart) {
  const { t } = useTexts();
  const firm = document.firm.name;
  const known = hoursOf(document);
  const [zone, setZone] = useState(known?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [choice, setChoice] = useState(known ? choiceOf(known.week) : "office");
  const [own, setOwn] = useState<Texts>(() => textsOf(known?.week ?? weekOf("office", {})));
  const week = choice === "own" ? weekOfTexts(own) : weekOf(choice, {});
  const changed =
    !known || zone !== known.zone || JSON.stringify(week) !== JSON.stringify(weekOf("own", known.week));
  const save = async () => {
    const name = known?.name ?? t("welcome.hours.usual");
    await keepPart("hours", `${firm} / ${name}`, { firm, name, zone, week });
  };
  return (
    <Step id="hours" can changed={changed} save={save} leave={leave} proof={<OpenNow hours={known} />}>
      <Radio.Group label={t("welcome.hours.which")} value={choice} onChange={(value) => setChoice(value as "own")}>
        <Stack gap={8} mt={8}>
          {(["office", "always", "own"] as const).map((each) => (
            <Radio key={each} value={each} label={t(`welcome.hours.${each}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {choice === "own" && <OwnWeek texts={own} change={setOwn} />}
      <NativeSelect
        label={t("welcome.hours.zone")}
        value={zone}
        onChange={(event) => setZone(event.currentTarget.value)}
        data={zones(zone)}
      />
    </Step>
  );
}
