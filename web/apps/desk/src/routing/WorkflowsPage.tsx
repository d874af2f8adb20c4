/** Workflows: rules read aloud, the first that fits wins; the same as text; whom they would ask now. */
import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { AllFields } from "../settings/OneThing.tsx";
import type { SectionProps } from "../settings/sections.ts";
import { CodeField } from "./CodeField.tsx";
import { useDraft } from "./draft.ts";
import { EditorFrame } from "./EditorFrame.tsx";
import styles from "./editor.module.css";
import { useKnown } from "./known.ts";
import { List, NEW } from "./List.tsx";
import { type Settings, useSettings } from "./configured.ts";
import { emptyTarget, type Filter, type Workflow } from "./model.ts";
import { FirmField } from "./QueuesPage.tsx";
import { moved, Rule } from "./Rule.tsx";
import { Token } from "./Token.tsx";
import { readByWorkflow, TryPanel } from "./TryPanel.tsx";
import { fromText, isWrong, toText, type Wrong } from "./workflowText.ts";

const fresh = (queue: string | null): Workflow => ({
  name: "",
  firm: null,
  reservation_timeout_seconds: 120,
  filters: [],
  default_queue: queue,
});

/** The text form: follows the sentences, and they follow it as soon as it can be read. */
function TextForm({ workflow, change, unread }: { workflow: Workflow; change: (part: Partial<Workflow>) => void; unread: (is: boolean) => void }) {
  const { t } = useTexts();
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const put = (text: string) => {
    setTyped(text);
    const found = fromText(text);
    setWrong(isWrong(found) ? found : null);
    unread(isWrong(found));
    if (!isWrong(found)) change(found);
  };
  const problem = wrong
    ? t(`routing.wrong.${wrong.message as "yaml"}`, { line: wrong.line ?? 1, word: wrong.word ?? "" })
    : null;
  return (
    <CodeField
      label={t("routing.workflow.text")}
      value={typed ?? toText(workflow)}
      change={put}
      problem={problem}
      least={6}
      onBlur={() => !wrong && setTyped(null)}
    />
  );
}

function Rules({ workflow, wins, queues, change }: { workflow: Workflow; wins: number | null; queues: string[]; change: (part: Partial<Workflow>) => void }) {
  const { t } = useTexts();
  const extra = useMemo(() => readByWorkflow(workflow), [workflow]);
  const knowns = { filter: useKnown("filter", extra), target: useKnown("target", extra), skip_if: useKnown("skip_if") };
  const { filters } = workflow;
  const put = (at: number, part: Partial<Filter>) =>
    change({ filters: filters.map((each, n) => (n === at ? { ...each, ...part } : each)) });
  const remove = (at: number) => {
    change({ filters: filters.filter((_, n) => n !== at) });
    toast(t("routing.rule.removed", { name: filters[at]?.name ?? "" }), { undo: () => change({ filters }) }, 10);
  };
  const add = () => {
    const rule = { name: t("routing.rule.newName", { turn: filters.length + 1 }), when: 'language == "fr"', targets: [emptyTarget(workflow.default_queue ?? queues[0] ?? null)] };
    change({ filters: [...filters, rule] });
  };
  return (
    <section className={styles.rules} aria-label={t("routing.workflow.rules")}>
      <div className={styles.rulesHead}>
        <p>{t("routing.workflow.firstWins")}</p>
        <Button variant="default" leftSection={<Plus size={14} />} onClick={add}>
          {t("routing.workflow.addRule")}
        </Button>
      </div>
      <ol>
        {filters.map((rule, at) => (
          <Rule
            key={at}
            rule={rule}
            at={at}
            count={filters.length}
            wins={wins === at}
            queues={queues}
            knowns={knowns}
            change={(part) => put(at, part)}
            move={(by) => change({ filters: moved(filters, at, by) })}
            remove={() => remove(at)}
          />
        ))}
        <li className={styles.ruleCard} data-wins={wins === -1 ? "" : undefined}>
          <span className={styles.number} data-wins={wins === -1 ? "" : undefined}>
            *
          </span>
          <div className={styles.ruleBody}>
            <strong>{t("routing.workflow.rest")}</strong>
            <p className={styles.rule}>
              {t("routing.workflow.offerTo")}{" "}
              <Token
                about={t("routing.workflow.defaultQueue")}
                tone="queue"
                field={(close) => (
                  <NativeSelect
                    data-autofocus
                    label={t("routing.workflow.defaultQueue")}
                    value={workflow.default_queue ?? ""}
                    data={[{ value: "", label: t("routing.workflow.noQueue") }, ...queues]}
                    onChange={({ currentTarget }) => {
                      change({ default_queue: currentTarget.value || null });
                      close();
                    }}
                  />
                )}
              >
                {workflow.default_queue ?? t("routing.workflow.noQueue")}
              </Token>
            </p>
          </div>
        </li>
      </ol>
    </section>
  );
}

function Editor({ name, settings, saved }: { name: string; settings: Settings; saved: () => void }) {
  const { t } = useTexts();
  const queues = useMemo(() => Object.keys(settings.things.queue).sort((a, b) => a.localeCompare(b)), [settings]);
  const draft = useDraft<Workflow>("workflow", name, name === NEW ? fresh(queues[0] ?? null) : null);
  const [wins, setWins] = useState<number | null>(null);
  const [unread, setUnread] = useState(false);
  const channels = useMemo(() => {
    const named = Object.keys(settings.things.task_channel);
    return [...new Set([...named, "chat", "voice", "default"])];
  }, [settings]);
  const { thing, dirty } = draft;
  useEffect(() => {
    if (!dirty) setUnread(false);
  }, [dirty]);
  return (
    <EditorFrame
      kind="workflow"
      name={name}
      draft={draft}
      unread={unread}
      saved={saved}
      fields={
        thing && (
          <>
          <FirmField firm={thing.firm} settings={settings} change={(firm) => draft.change({ firm })} />
          <NumberInput
            label={t("routing.workflow.timeout")}
            title={t("routing.workflow.timeoutHelp")}
            value={thing.reservation_timeout_seconds}
            min={1}
            max={86400}
            allowDecimal={false}
            onChange={(value) => typeof value === "number" && draft.change({ reservation_timeout_seconds: value })}
          />
          </>
        )
      }
      aside={thing && <TryPanel workflow={{ ...thing, name: thing.name || "-" }} won={setWins} channels={channels} />}
    >
      {thing && (
        <>
          <Rules workflow={thing} wins={wins} queues={queues} change={draft.change} />
          <section className={styles.belongs} aria-label={t("routing.textForm")}>
            <h3>{t("routing.textForm")}</h3>
            <p className={styles.intro}>{t("routing.textHelp")}</p>
            <TextForm workflow={thing} change={draft.change} unread={setUnread} />
          </section>
        </>
      )}
    </EditorFrame>
  );
}

export default function WorkflowsPage({ name, all }: SectionProps) {
  const { t } = useTexts();
  const [settings, load] = useSettings();
  if (!settings) return null;
  if (name && all) return <AllFields kind="workflow" name={name} />;
  if (name) return <Editor key={name} name={name} settings={settings} saved={load} />;
  const rows = Object.values(settings.things.workflow).map(({ thing }) => ({
    name: thing.name,
    firm: Object.keys(settings.things.firm).length > 1 ? thing.firm : null,
    says: [
      ...thing.filters.map((each) => each.name),
      thing.default_queue ? t("routing.workflow.restTo", { queue: thing.default_queue }) : t("routing.workflow.restNowhere"),
    ].join(" · "),
  }));
  return <List kind="workflow" rows={rows} />;
}
