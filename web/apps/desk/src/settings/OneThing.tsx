/** One thing under its title: its form, or that it is no longer there; after it was made, the links that are shown once. */
import { type ComponentType, useEffect, useState } from "react";
import { go, type Route } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { Secret } from "../people/Secret.tsx";
import type { Thing } from "./fields.ts";
import styles from "./form.module.css";
import { sectionOf } from "./kinds.ts";
import { Failed, Sheet } from "./Sheet.tsx";
import { dropDraft, loadSettings, type Setting, useSettings } from "./settings.ts";
import { ThingForm } from "./ThingForm.tsx";
import { NEW } from "./useThing.ts";

export interface Extra {
  /** Fields a new one begins with. */
  begin?: Thing;
  /** What stands above the form of a new one, and may fill it. */
  start?: ComponentType<{ begin: (thing: Thing) => void }>;
  /** What stands below the form of one that is there. */
  beside?: ComponentType<{ setting: Setting }>;
}

interface Props extends Extra {
  kind: string;
  /** NEW: it is to be made. */
  name: string;
  title?: string;
  back?: { name: string; go: () => void };
  /** Where it is shown under a name. */
  to: (name: string) => Route;
}

export function OneThing({ kind, name, title, back, to, begin: given, start: Start, beside: Beside }: Props) {
  const { t } = useTexts();
  const known = useSettings((settings) => settings.known);
  const [links, setLinks] = useState<[string, string][]>([]);
  const [filled, setFilled] = useState<{ begin: Thing | undefined; times: number }>({ begin: given, times: 0 });
  const fresh = name === NEW;
  const setting = fresh ? null : (known?.things[kind]?.[name] ?? null);
  const one = t(`settings.kind.${kind}.one` as "settings.kind.queue.one");
  const called = title ?? (fresh ? t("settings.newOne", { kind: one }) : kind === "user" ? String(setting?.thing.name ?? name) : name);
  const [link] = links;
  if (!known) return null;
  const begin = fresh ? filled.begin : given;
  // What was typed goes: the form begins anew.
  const fill = async (thing: Thing) => {
    if (known.drafts.some((each) => each.kind === kind && each.name === NEW)) {
      await dropDraft(kind, NEW);
      await loadSettings();
    }
    setFilled(({ times }) => ({ begin: { ...given, ...thing }, times: times + 1 }));
  };
  return (
    <Sheet title={called} back={back}>
      {link ? (
        <Secret
          key={link[0]}
          title={t("staff.linkFor", { name: link[0] })}
          value={link[1]}
          help={t("staff.linkHelp")}
          done={() => setLinks(links.slice(1))}
        />
      ) : setting || fresh ? (
        <>
          {Start && fresh && <Start begin={(thing) => void fill(thing)} />}
          <ThingForm
            key={fresh ? `${name} ${filled.times}` : name}
            kind={kind}
            setting={setting}
            node={known.kinds[kind] ?? {}}
            removable={kind !== "workspace"}
            saved={(now, told) => {
              setLinks(Object.entries(told));
              go(to(now), true);
            }}
            gone={back?.go ?? (() => undefined)}
            {...(begin ? { begin } : {})}
          >
            {Beside && setting && <Beside setting={setting} />}
          </ThingForm>
        </>
      ) : (
        <p className={styles.quiet}>{t("settings.goneAlready", { name })}</p>
      )}
    </Sheet>
  );
}

/** Every field of a thing whose own page shows the most important ones; `name`: as the settings call it, or NEW. */
export function AllFields({ kind, name }: { kind: string; name: string }) {
  const { t } = useTexts();
  const [read, setRead] = useState(false);
  const failed = useSettings((settings) => settings.failed);
  // Read anew before anything is shown: what was typed on the other page is a draft by now.
  useEffect(() => void loadSettings().then(() => setRead(true)), []);
  const place = (named: string | null): Route => ({ page: "settings", section: sectionOf(kind), name: named });
  const many = t(`settings.kind.${kind}.many` as "settings.kind.queue.many");
  const back = name === NEW ? { name: many, go: () => go(place(null)) } : { name: t("settings.lessFields"), go: () => go(place(name)) };
  if (!read || failed) return <Sheet title={many}>{failed && <Failed />}</Sheet>;
  return <OneThing kind={kind} name={name} back={back} to={(called) => ({ ...place(called), all: true })} />;
}
