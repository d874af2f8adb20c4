/** Where contacts wait: one queue that everybody answers, and how fast. Proven by who would be asked now. */
import { NumberInput, TextInput } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useMemo, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { Step } from "./Step.tsx";
import { keepPart } from "./setup.ts";
import { type Queue, queueOf } from "./steps.ts";
import type { StepPart } from "./WelcomePage.tsx";

const SECONDS = 20;

function Asked() {
  const { t } = useTexts();
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const names = useMemo(() => Object.values(workers).map((each) => each.name).sort(), [workers]);
  return (
    <p role="status">
      {t("welcome.queue.proof", { count: names.length, names: names.slice(0, 5).join(", ") })}
    </p>
  );
}

export default function QueueStep({ document, leave }: StepPart) {
  const { t } = useTexts();
  const firm = document.firm.name;
  const { queues, workflows } = document;
  const mine = queueOf(document);
  const [name, setName] = useState(mine?.name ?? t("welcome.queue.usual"));
  const [seconds, setSeconds] = useState<number | string>(mine?.service_level.within_seconds ?? SECONDS);
  const changed = !mine || name.trim() !== mine.name || seconds !== mine.service_level.within_seconds;
  const save = async () => {
    // The queue of a new installation becomes the firm's own: it keeps its place in the rule.
    const before: Queue | undefined = mine ?? (queues.length === 1 && !queues[0]?.firm ? queues[0] : undefined);
    const service_level = { ...before?.service_level, within_seconds: Number(seconds) };
    await keepPart("queue", before?.name ?? name.trim(), { name: name.trim(), firm, service_level });
    const led = before && workflows.some((each) => each.default_queue === before.name);
    if (!led) await keepPart("workflow", name.trim(), { name: name.trim(), firm, default_queue: name.trim() });
  };
  return (
    <Step
      id="queue"
      can={name.trim() !== "" && typeof seconds === "number"}
      changed={changed}
      save={save}
      leave={leave}
      proof={<Asked />}
    >
      <TextInput
        label={t("welcome.queue.name")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NumberInput
        label={t("welcome.queue.seconds")}
        description={t("welcome.queue.secondsHelp")}
        min={1}
        max={86400}
        clampBehavior="strict"
        allowDecimal={false}
        value={seconds}
        onChange={setSeconds}
      />
      <p>{t("welcome.queue.everybody")}</p>
    </Step>
  );
}
