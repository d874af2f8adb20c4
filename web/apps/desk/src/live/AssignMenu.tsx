/** Moves a task to a person or into another queue by a menu with a search: the twin of each drag. */
import { Button, Popover } from "@mantine/core";
import type { Task } from "@parlons/client/types.ts";
import { useLive } from "@parlons/sync/store.ts";
import { useMemo, useState } from "react";
import { Pick } from "../conversation/Pick.tsx";
import { personOptions, queueOptions } from "../conversation/targets.tsx";
import { useMay } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { moveTask } from "./acts.ts";
import { people, wrappingWorkers } from "./figures.ts";
import styles from "./live.module.css";

interface Props {
  task: Task;
  name: string;
  /** A panel around this menu stays while it is open. */
  onOpen?: (open: boolean) => void;
}

export function AssignMenu({ task, name, onOpen }: Props) {
  const { t } = useTexts();
  const steers = useMay("steer");
  const [open, set] = useState(false);
  const setOpen = (next: boolean) => {
    set(next);
    onOpen?.(next);
  };
  const options = useMemo(() => {
    if (!open) return [];
    const { snapshot } = useLive.getState();
    const { here, off } = people(snapshot, wrappingWorkers(snapshot));
    const others = [...here, ...off].filter((each) => each.worker.id !== task.worker_id);
    const queues = Object.values(snapshot.queues).filter((queue) => queue.id !== task.queue_id);
    return [...personOptions(others, t), ...queueOptions(queues, t)];
  }, [open, task.worker_id, task.queue_id, t]);
  if (!steers) return null;
  const label = t("live.assignOf", { name });
  return (
    <Popover opened={open} onChange={setOpen} width="min(300px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={label}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t("live.assign")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.pop} aria-label={label}>
        <Pick
          label={t("transfer.assignTo")}
          none={t("transfer.none")}
          options={options}
          chosen={null}
          onChoose={(option) => {
            setOpen(false);
            const kind = option.id in useLive.getState().snapshot.queues ? "queue" : "worker";
            void moveTask(task, name, { kind, id: option.id, name: option.name });
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
