/** Queues: who belongs to each, said in a sentence and as text, with who that would be now. */
import { NativeSelect } from "@mantine/core";
import { AllFields } from "../settings/OneThing.tsx";
import type { SectionProps } from "../settings/sections.ts";
import { useTexts } from "../i18n/index.ts";
import { CodeField } from "./CodeField.tsx";
import { useDraft } from "./draft.ts";
import { EditorFrame } from "./EditorFrame.tsx";
import styles from "./editor.module.css";
import { useKnown } from "./known.ts";
import { List, NEW } from "./List.tsx";
import { type Settings, useSettings } from "./configured.ts";
import type { Queue } from "./model.ts";
import { People } from "./People.tsx";
import { Sentence } from "./Sentence.tsx";
import { sentenceOf } from "./spoken.ts";
import { useSay } from "./useSay.ts";
import { type Asked, useTry } from "./useTry.ts";

const FRESH: Queue = { name: "", firm: null, workers: "1 == 1" };

/** Null, written as nothing, is the first firm. */
export function FirmField({ firm, settings, change }: { firm: string | null; settings: Settings; change: (firm: string) => void }) {
  const { t } = useTexts();
  const firms = Object.keys(settings.things.firm);
  if (firms.length < 2) return null;
  return (
    <NativeSelect
      label={t("routing.edit.firm")}
      value={firm ?? firms[0]}
      data={firms}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function Preview({ workers }: { workers: string }) {
  const { t } = useTexts();
  const { answer, problem } = useTry<{ workers: Asked[] }>("/queues/try", { workers });
  const asked = answer?.workers ?? [];
  const ready = asked.filter((each) => each.ready).length;
  return (
    <section className={styles.part} aria-label={t("routing.queue.who")} aria-live="polite">
      <h3>{t("routing.queue.who")}</h3>
      {answer && !problem && (
        <>
          <p className={styles.answer}>{t("routing.queue.count", { count: asked.length, ready })}</p>
          {asked.length > 0 && <People asked={asked} first={false} />}
        </>
      )}
      {problem && <p className={styles.problem}>{problem}</p>}
    </section>
  );
}

function Editor({ name, settings, saved }: { name: string; settings: Settings; saved: () => void }) {
  const { t } = useTexts();
  const draft = useDraft<Queue>("queue", name, name === NEW ? FRESH : null);
  const known = useKnown("queue");
  const thing = draft.thing;
  return (
    <EditorFrame
      kind="queue"
      name={name}
      draft={draft}
      unread={false}
      saved={saved}
      fields={thing && <FirmField firm={thing.firm} settings={settings} change={(firm) => draft.change({ firm })} />}
      aside={thing && <Preview workers={thing.workers} />}
    >
      {thing && (
        <>
          <section className={styles.belongs} aria-label={t("routing.queue.belongs")}>
            <h3>{t("routing.queue.belongs")}</h3>
            <p className={styles.rule}>
              {t("routing.queue.lead")}{" "}
              <Sentence text={thing.workers} scope="queue" known={known} change={(workers) => draft.change({ workers })} />
            </p>
            <h4>{t("routing.textForm")}</h4>
            <CodeField
              label={t("routing.queue.text")}
              value={thing.workers}
              change={(workers) => draft.change({ workers })}
              least={1}
            />
          </section>
        </>
      )}
    </EditorFrame>
  );
}

export default function QueuesPage({ name, all }: SectionProps) {
  const say = useSay();
  const [settings, load] = useSettings();
  if (!settings) return null;
  if (name && all) return <AllFields kind="queue" name={name} />;
  if (name) return <Editor key={name} name={name} settings={settings} saved={load} />;
  const rows = Object.values(settings.things.queue).map(({ thing }) => ({
    name: thing.name,
    firm: Object.keys(settings.things.firm).length > 1 ? thing.firm : null,
    says: sentenceOf(thing.workers, "queue", say),
  }));
  return <List kind="queue" rows={rows} />;
}
