/** Transfer to a colleague or a queue, with a note for whoever takes it; a supervisor assigns somebody else's. */
import { ActionIcon, Button, Popover, Textarea } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { ArrowLeftRight } from "lucide-react";
import { useMemo, useState } from "react";
import { assign, transfer } from "../data/actions.ts";
import { workerShape } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import styles from "./head.module.css";
import { type Option, Pick } from "./Pick.tsx";
import { personOptions, queueOptions } from "./targets.tsx";

interface Props {
  full: ConversationFull;
  taskId: string;
  name: string;
  mine: boolean;
}

function useTargets(full: ConversationFull, withQueues: boolean): Option[] {
  const { t } = useTexts();
  const snapshot = useSnapshot((each) => each);
  const myself = useSession((session) => session.me?.worker_id);
  return useMemo(() => {
    const people = Object.values(snapshot.workers)
      .filter((worker) => worker.id !== full.assigned?.worker_id && (withQueues ? worker.id !== myself : true))
      .map((worker) => ({ worker, shape: workerShape(worker, snapshot.activities) }));
    return [...personOptions(people, t), ...(withQueues ? queueOptions(Object.values(snapshot.queues), t) : [])];
  }, [snapshot, full.assigned, withQueues, myself, t]);
}

function Form({ full, taskId, name, mine }: Props) {
  const { t } = useTexts();
  const [to, setTo] = useState<Option | null>(null);
  const [note, setNote] = useState("");
  const options = useTargets(full, mine);
  const isQueue = useSnapshot((snapshot) => to !== null && to.id in snapshot.queues);
  const done = () => {
    if (!to) return;
    useUi.setState({ menu: null });
    if (mine) void transfer(full.id, taskId, name, isQueue ? { queue_id: to.id } : { worker_id: to.id }, to.name, note);
    else void assign(taskId, to.id);
  };
  return (
    <div className={styles.pick}>
      <Pick
        label={t(mine ? "transfer.to" : "transfer.assignTo")}
        none={t("transfer.none")}
        options={options}
        chosen={to?.id ?? null}
        onChoose={(option) => {
          setTo(option);
          setTimeout(() => document.querySelector<HTMLElement>("[data-transfer-next]")?.focus(), 0);
        }}
      />
      {to && mine && (
        <Textarea
          label={t("transfer.note", { name: to.name })}
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && done()}
          data-transfer-next
        />
      )}
      <Button disabled={!to} onClick={done} data-transfer-next={mine ? undefined : ""}>
        {to ? t(mine ? "transfer.do" : "transfer.assign", { name: to.name }) : t("transfer.choose")}
      </Button>
    </div>
  );
}

export function TransferMenu(props: Props) {
  const { t } = useTexts();
  const which = useUi((ui) => ui.menu);
  const opened = which === "transfer" || which === "assign";
  const set = (open: boolean) => useUi.setState({ menu: open ? "transfer" : null });
  useCommand("transfer", () => set(true));
  useCommand("transferAnywhere", () => set(true));
  useCommand("assign", () => set(true));
  const label = t(props.mine ? "head.transfer" : "head.assign");
  return (
    <Popover opened={opened} onChange={set} width="min(320px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          title={`${label} (${keyLabel("transfer")})`}
          variant="subtle"
          color="gray"
          size={34}
          aria-label={label}
          aria-haspopup="dialog"
          aria-expanded={opened}
          onClick={() => set(!opened)}
        >
          <ArrowLeftRight size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.menu} aria-label={label}>
        <Form {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}
