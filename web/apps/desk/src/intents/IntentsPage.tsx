/** Intents: their list, a sentence tried, the threshold with its consequence, confusion, and texts to learn from. */
import { Button, Tabs } from "@mantine/core";
import { number } from "@parlons/ui/format.ts";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { address, go, type Route } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { KindPage } from "../settings/KindPage.tsx";
import form from "../settings/form.module.css";
import type { SectionProps } from "../settings/sections.ts";
import { loadSettings, type Setting, useSettings } from "../settings/settings.ts";
import { Failed, Sheet } from "../settings/Sheet.tsx";
import { NEW } from "../settings/useThing.ts";
import { useAsked } from "../sends/sends.ts";
import { Confusion } from "./Confusion.tsx";
import { Learning } from "./Learning.tsx";
import { Threshold } from "./Threshold.tsx";
import { Trying } from "./Trying.tsx";
import type { Report } from "./report.ts";

const place = (name: string | null): Route => ({ page: "settings", section: "intents", name });

function List({ things }: { things: Setting[] }) {
  const { t, locale } = useTexts();
  const sorted = [...things].sort((a, b) => a.name.localeCompare(b.name, locale));
  const said = (thing: Setting["thing"]) =>
    Object.entries((thing.phrases ?? {}) as Record<string, string[]>)
      .filter(([, phrases]) => phrases.length > 0)
      .map(([language, phrases]) => t("intents.phrasesIn", { count: phrases.length, language: language.toUpperCase() }))
      .join(" · ");
  if (sorted.length === 0) return <p className={form.quiet}>{t("intents.none")}</p>;
  return (
    <ul className={form.list}>
      {sorted.map((each) => (
        <li key={each.name}>
          <a
            href={address(place(each.name))}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go(place(each.name));
            }}
          >
            <strong>{each.name}</strong>
            <span>{said(each.thing) || t("intents.noPhrases")}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

export default function IntentsPage({ name }: SectionProps) {
  const { t, locale } = useTexts();
  const known = useSettings((settings) => settings.known);
  const failed = useSettings((settings) => settings.failed);
  const [shown, setShown] = useState<string | null>("list");
  const { told, again } = useAsked<Report>("/intents/report", undefined, known?.revision);
  useEffect(() => void loadSettings(), []);
  if (name !== null) return <KindPage kind="intent" name={name} />;
  const many = t("settings.kind.intent.many");
  if (!known) return <Sheet title={many}>{failed && <Failed />}</Sheet>;
  const things = Object.values(known.things.intent ?? {});
  const names = things.map((each) => each.name).sort();
  const changed = () => void loadSettings().then(again);
  return (
    <Sheet
      title={many}
      act={
        <Button leftSection={<Plus size={16} />} onClick={() => go(place(NEW))}>
          {t("settings.newOne", { kind: t("settings.kind.intent.one") })}
        </Button>
      }
    >
      <p className={form.quiet}>{t("settings.kind.intent.about")}</p>
      {told && (
        <p className={form.quiet}>
          {told.words_alone ? t("intents.wordsAlone") : t("intents.byMeaning", { provider: told.provider ?? "" })}
        </p>
      )}
      <Tabs value={shown} onChange={setShown} keepMounted={false}>
        <Tabs.List aria-label={many}>
          <Tabs.Tab value="list">{t("intents.tab.list", { count: number(things.length, locale) })}</Tabs.Tab>
          <Tabs.Tab value="try">{t("intents.tab.try")}</Tabs.Tab>
          <Tabs.Tab value="threshold">{t("intents.tab.threshold")}</Tabs.Tab>
          <Tabs.Tab value="confusion">{t("intents.tab.confusion")}</Tabs.Tab>
          <Tabs.Tab value="learn">{t("intents.tab.learn")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <List things={things} />
        </Tabs.Panel>
        <Tabs.Panel value="try">
          <Trying />
        </Tabs.Panel>
        <Tabs.Panel value="threshold">{told && <Threshold key={told.threshold} report={told} changed={changed} />}</Tabs.Panel>
        <Tabs.Panel value="confusion">{told && <Confusion report={told} />}</Tabs.Panel>
        <Tabs.Panel value="learn">
          <Learning names={names} learnt={changed} />
        </Tabs.Panel>
      </Tabs>
    </Sheet>
  );
}
