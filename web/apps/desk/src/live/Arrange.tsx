/** How this page is laid out, for me, on every desk: rows or tiles, which parts in which order, which queues. */
import { ActionIcon, Button, Checkbox, Popover, SegmentedControl } from "@mantine/core";
import { type Layout, SECTIONS, type Section } from "@parlons/client/floor.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { ArrowDown, ArrowUp, LayoutGrid } from "lucide-react";
import { useState } from "react";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./live.module.css";
import { changeLayout } from "./layout.ts";

function Parts({ layout }: { layout: Layout }) {
  const { t } = useTexts();
  const shown = layout.sections;
  const all = [...shown, ...SECTIONS.filter((each) => !shown.includes(each))];
  const put = (sections: Section[]) => changeLayout({ sections });
  const shift = (section: Section, by: number) => {
    const next = shown.filter((each) => each !== section);
    const at = Math.min(next.length, Math.max(0, shown.indexOf(section) + by));
    next.splice(at, 0, section);
    put(next);
    announce(t("floor.layout.now", { name: t(`floor.section.${section}`), place: at + 1 }));
  };
  return (
    <ul className={styles.parts}>
      {all.map((section) => {
        const name = t(`floor.section.${section}`);
        const at = shown.indexOf(section);
        return (
          <li key={section}>
            <Checkbox
              size="xs"
              label={name}
              checked={at >= 0}
              onChange={(event) =>
                put(event.currentTarget.checked ? [...shown, section] : shown.filter((each) => each !== section))
              }
            />
            <ActionIcon
              size={26}
              variant="subtle"
              color="gray"
              disabled={at <= 0}
              aria-label={t("floor.layout.up", { name })}
              onClick={() => shift(section, -1)}
            >
              <ArrowUp size={14} />
            </ActionIcon>
            <ActionIcon
              size={26}
              variant="subtle"
              color="gray"
              disabled={at < 0 || at === shown.length - 1}
              aria-label={t("floor.layout.down", { name })}
              onClick={() => shift(section, 1)}
            >
              <ArrowDown size={14} />
            </ActionIcon>
          </li>
        );
      })}
    </ul>
  );
}

function QueueChoice({ layout }: { layout: Layout }) {
  const { t } = useTexts();
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const all = Object.values(queues).sort((a, b) => a.name.localeCompare(b.name));
  const shown = layout.queue_ids.filter((id) => id in queues);
  const on = (id: string) => shown.length === 0 || shown.includes(id);
  const toggle = (id: string) => {
    const next = all.map((each) => each.id).filter((each) => (each === id ? !on(each) : on(each)));
    changeLayout({ queue_ids: next.length === all.length || next.length === 0 ? [] : next });
  };
  return (
    <fieldset className={styles.choice}>
      <legend>{t("floor.layout.queues")}</legend>
      {all.map((queue) => (
        <Checkbox key={queue.id} size="xs" label={queue.name} checked={on(queue.id)} onChange={() => toggle(queue.id)} />
      ))}
    </fieldset>
  );
}

export function Arrange({ layout }: { layout: Layout }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} width="min(300px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          className={styles.tool}
          leftSection={<LayoutGrid size={15} />}
          aria-label={t("floor.layout.name")}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span>{t("floor.layout.name")}</span>
        </Button>
      </Popover.Target>
      {open && (
        <Popover.Dropdown className={styles.arrange} aria-label={t("floor.layout.name")}>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={t("floor.layout.view")}
            value={layout.view}
            onChange={(view) => changeLayout({ view: view as Layout["view"] })}
            data={[
              { value: "table", label: t("floor.layout.table") },
              { value: "tiles", label: t("floor.layout.tiles") },
            ]}
          />
          <Parts layout={layout} />
          <QueueChoice layout={layout} />
          <p className={styles.none}>{t("floor.layout.kept")}</p>
        </Popover.Dropdown>
      )}
    </Popover>
  );
}
