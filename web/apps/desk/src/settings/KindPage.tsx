/** Things of one kind: their list with a filter, and the form of the one chosen. */
import { Button, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { type ComponentType, useEffect, useState } from "react";
import { address, go, type Route } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./form.module.css";
import { sectionOf } from "./kinds.ts";
import { type Extra, OneThing } from "./OneThing.tsx";
import type { SectionProps } from "./sections.ts";
import { loadSettings, type Setting, useSettings } from "./settings.ts";
import { Failed, Sheet } from "./Sheet.tsx";
import { NEW } from "./useThing.ts";

const MOST = 200;

/** The page of a kind, for sections.ts. */
export const pageOfKind = (kind: string, extra: Extra = {}): { default: ComponentType<SectionProps> } => ({
  default: ({ name }) => <KindPage kind={kind} name={name} {...extra} />,
});

const place = (kind: string, name: string | null): Route => ({ page: "settings", section: sectionOf(kind), name });

export function KindPage({ kind, name, ...extra }: { kind: string; name: string | null } & Extra) {
  const { t } = useTexts();
  const known = useSettings((settings) => settings.known);
  const failed = useSettings((settings) => settings.failed);
  useEffect(() => void loadSettings(), []);
  const one = t(`settings.kind.${kind}.one` as "settings.kind.queue.one");
  const many = t(`settings.kind.${kind}.many` as "settings.kind.queue.many");
  if (!known) return <Sheet title={many}>{failed && <Failed />}</Sheet>;
  if (kind === "workspace") return <OneThing kind={kind} name="workspace" title={many} to={(called) => place(kind, called)} />;
  if (name !== null)
    return (
      <OneThing
        kind={kind}
        name={name}
        back={{ name: many, go: () => go(place(kind, null)) }}
        to={(called) => place(kind, called)}
        {...extra}
      />
    );
  return (
    <Sheet
      title={many}
      act={
        <Button leftSection={<Plus size={16} />} onClick={() => go(place(kind, NEW))}>
          {t("settings.newOne", { kind: one })}
        </Button>
      }
    >
      <p className={styles.quiet}>{t(`settings.kind.${kind}.about` as "settings.kind.firm.about")}</p>
      <Things kind={kind} things={Object.values(known.things[kind] ?? {})} />
    </Sheet>
  );
}

function Things({ kind, things }: { kind: string; things: Setting[] }) {
  const { t, locale } = useTexts();
  const [text, setText] = useState("");
  const drafts = useSettings((settings) => settings.known?.drafts);
  const plain = (each: string) => each.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const sorted = [...things].sort((a, b) => a.name.localeCompare(b.name, locale));
  const found = sorted.filter((each) => plain(`${each.name} ${each.thing.name ?? ""} ${each.thing.firm ?? ""}`).includes(plain(text)));
  return (
    <>
      {things.length > 8 && (
        <TextInput label={t("settings.filter")} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      )}
      {things.length === 0 && <p className={styles.quiet}>{t("settings.empty")}</p>}
      <ul className={styles.list}>
        {found.slice(0, MOST).map((each) => {
          const to = place(kind, each.name);
          const aside = [
            each.thing.firm && kind !== "hours" ? String(each.thing.firm) : "",
            each.thing.name && each.thing.name !== each.name && kind !== "hours" ? String(each.thing.name) : "",
            drafts?.some((draft) => draft.kind === kind && draft.name === each.name) ? t("settings.hasDraft") : "",
          ];
          return (
            <li key={each.name}>
              <a
                href={address(to)}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                  event.preventDefault();
                  go(to);
                }}
              >
                <strong>{each.name}</strong>
                <span>{aside.filter(Boolean).join(" · ")}</span>
              </a>
            </li>
          );
        })}
      </ul>
      {found.length > MOST && <p className={styles.quiet}>{t("settings.moreThings", { count: found.length - MOST })}</p>}
    </>
  );
}
