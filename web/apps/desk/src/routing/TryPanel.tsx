/** "Who would answer now?": a contact made up, or one that waits, walked through the workflow as it stands in the editor. */
import { Autocomplete, NativeSelect } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import type { Task } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useMemo, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import { useSay } from "./useSay.ts";
import styles from "./editor.module.css";
import { names, read } from "./expression.ts";
import type { Workflow } from "./model.ts";
import { People } from "./People.tsx";
import { nameWords } from "./phrases.ts";
import { sentenceOf } from "./spoken.ts";
import { type TriedWorkflow, useTry } from "./useTry.ts";

/** The facts of a contact which the workflow reads; the first part of each name, as it stands in attributes. */
export function readByWorkflow(workflow: Workflow): string[] {
  const found = new Set<string>();
  for (const { when, targets } of workflow.filters) {
    for (const name of names(read(when) ?? { all: [] })) found.add(name);
    for (const { expression, known_worker, known_worker_name } of targets) {
      const inside = expression ? names(read(expression) ?? { all: [] }) : [];
      for (const name of [...inside, known_worker ?? "", known_worker_name ?? ""])
        if (name.startsWith("task.")) found.add(name.slice(5));
    }
  }
  return [...found].filter((name) => !name.includes("[")).sort();
}

/** `true` and numbers are meant as such. */
function meant(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function attributesOf(typed: Record<string, string>, wanted: readonly string[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const name of wanted) {
    const text = typed[name] ?? "";
    if (text === "") continue;
    const parts = name.split(".");
    const last = parts.pop()!;
    let at = made;
    for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
    at[last] = meant(text);
  }
  return made;
}

function flat(value: unknown, wanted: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of wanted) {
    const at = name.split(".").reduce<unknown>((all, part) => (all as Record<string, unknown> | null)?.[part], value);
    if (at !== undefined && at !== null && typeof at !== "object") found[name] = `${at}`;
  }
  return found;
}

const USUAL: Record<string, string[]> = {
  language: ["fr", "en"],
  hours: ["open", "closed"],
  channel: ["webchat", "voice", "email", "sms"],
};

function Answer({ found, workflow }: { found: TriedWorkflow; workflow: Workflow }) {
  const { t } = useTexts();
  const say = useSay();
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const winner = found.filter === null ? null : found.filter < 0 ? t("routing.workflow.rest") : workflow.filters[found.filter]?.name;
  const why = (each: TriedWorkflow["passed"][number]) => {
    const parts = each.false.length > 0 ? each.false : [workflow.filters[each.filter]?.when ?? ""];
    return parts.map((part) => sentenceOf(part, "filter", say)).join(", ");
  };
  let rings = true;
  return (
    <>
      <p className={styles.answer}>
        {found.filter === null
          ? t("routing.try.nothing")
          : found.filter < 0
            ? t("routing.try.default")
            : t("routing.try.wins", { turn: found.filter + 1, name: winner ?? "" })}
      </p>
      {found.passed.slice(0, 6).map((each) => (
        <p key={each.filter} className={styles.passed}>
          {t("routing.try.passed", { turn: each.filter + 1, why: why(each) })}
        </p>
      ))}
      {found.steps.map((step, at) => {
        const first = rings && !step.skipped;
        if (step.workers.some((each) => each.ready)) rings = false;
        return (
          <div key={at} className={styles.tried}>
            <h4>
              {t(at === 0 ? "routing.step.first" : "routing.step.then")} {queues[step.queue_id]?.name ?? ""}
              {step.seconds !== null && <span>{t("routing.try.for", { seconds: step.seconds })}</span>}
              {step.skipped && <span>{t("routing.try.skipped")}</span>}
            </h4>
            <People asked={step.workers} first={first} />
          </div>
        );
      })}
    </>
  );
}

export function TryPanel({ workflow, won, channels }: { workflow: Workflow; won: (filter: number | null) => void; channels: string[] }) {
  const { t } = useTexts();
  const say = useSay();
  const tasks = useSnapshot((snapshot) => snapshot.tasks);
  const waiting = useMemo(() => Object.values(tasks).filter((each) => each.status === "pending").slice(0, 50), [tasks]);
  const wanted = useMemo(() => readByWorkflow(workflow), [workflow]);
  const [typed, setTyped] = useState<Record<string, string>>({ language: "fr" });
  const [channel, setChannel] = useState("chat");
  const body = { workflow, attributes: attributesOf(typed, wanted), channel };
  const { answer, problem } = useTry<TriedWorkflow>("/workflows/try", body);
  const wins = answer?.filter ?? null;
  const [told, setTold] = useState<number | null>(null);
  if (wins !== told) {
    setTold(wins);
    queueMicrotask(() => won(wins));
  }
  const take = async (id: string) => {
    const task = await attempt(get<Task>(`/tasks/${id}`));
    if (!task) return;
    setTyped(flat(task.attributes, wanted));
    setChannel(task.channel);
  };
  return (
    <section className={styles.part} aria-label={t("routing.try.title")}>
      <h3>{t("routing.try.title")}</h3>
      <div className={styles.trial}>
        {waiting.length > 0 && (
          <NativeSelect
            label={t("routing.try.real")}
            value=""
            data={[{ value: "", label: t("routing.try.madeUp") }, ...waiting.map((each) => ({ value: each.id, label: each.title || each.id }))]}
            onChange={({ currentTarget }) => currentTarget.value && void take(currentTarget.value)}
          />
        )}
        <NativeSelect
          label={t("routing.try.channel")}
          value={channel}
          data={channels}
          onChange={({ currentTarget }) => setChannel(currentTarget.value)}
        />
        {wanted.map((name) => (
          <Autocomplete
            key={name}
            label={nameWords(name, "filter", say)}
            data={USUAL[name] ?? []}
            value={typed[name] ?? ""}
            placeholder={t("routing.try.unset")}
            openOnFocus={false}
            onChange={(value) => setTyped((before) => ({ ...before, [name]: value }))}
          />
        ))}
      </div>
      <div aria-live="polite">
        {problem ? <p className={styles.problem}>{problem}</p> : answer && <Answer found={answer} workflow={workflow} />}
      </div>
    </section>
  );
}
