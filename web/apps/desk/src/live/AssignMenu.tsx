/** Gives a task to a person by a menu with a search; no drag needed. */
import { Button, Popover } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useMemo, useState } from "react";
import { Pick } from "../conversation/Pick.tsx";
import { assign } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { people, wrappingWorkers } from "./figures.ts";
import styles from "./live.module.css";

interface Props {
  taskId: string;
  name: string;
  /** A panel around this menu stays while it is open. */
  onOpen?: (open: boolean) => void;
}

export function AssignMenu({ taskId, name, onOpen }: Props) {
  const { t } = useTexts();
  const [open, set] = useState(false);
  const setOpen = (next: boolean) => {
    set(next);
    onOpen?.(next);
  };
  const snapshot = useSnapshot((each) => each);
  const options = useMemo(() => {
    if (!open) return [];
    const { here, off } = people(snapshot, wrappingWorkers(snapshot));
    const rank = ["ready", "contact", "wrap", "break", "missed", "lost", "off"];
    return [...here, ...off]
      .sort((a, b) => rank.indexOf(a.shape) - rank.indexOf(b.shape) || a.worker.name.localeCompare(b.worker.name))
      .map(({ worker, shape }) => ({
        id: worker.id,
        group: t("transfer.people"),
        name: worker.name,
        side: t(`state.${shape}`),
        icon: <StateGlyph shape={shape} />,
      }));
  }, [open, snapshot, t]);
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
            void assign(taskId, option.id).then(
              (done) => done !== undefined && toast(t("live.assigned", { name, to: option.name })),
            );
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
