/** When a queue raises an alarm: how many wait, how long, how low the service level. Empty: at the queue's own target. */
import { ActionIcon, Button, NumberInput, Popover } from "@mantine/core";
import type { Alert } from "@parlons/client/floor.ts";
import { put } from "@parlons/client/http.ts";
import type { Queue } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { BellRing } from "lucide-react";
import { useState } from "react";
import { attempt } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { useMay } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./live.module.css";

type Limits = Omit<Alert, "id">;
const NONE: Limits = { waiting: null, oldest_seconds: null, share: null };

function Form({ queue, onDone }: { queue: Queue; onDone: () => void }) {
  const { t } = useTexts();
  const kept = useSnapshot((snapshot) => snapshot.alerts?.[queue.id]) ?? NONE;
  const [limits, setLimits] = useState<Limits>({
    waiting: kept.waiting,
    oldest_seconds: kept.oldest_seconds,
    share: kept.share === null ? null : Math.round(kept.share * 100),
  });
  const save = async (next: Limits) => {
    const share = next.share === null ? null : next.share / 100;
    const done = await attempt(put<Alert>(`/alerts/${queue.id}`, { ...next, share }));
    if (!done) return;
    toast(t("floor.alert.saved", { name: queue.name }));
    onDone();
  };
  const field = (name: keyof Limits, max: number) => (
    <NumberInput
      size="sm"
      label={t(`floor.alert.${name}`)}
      placeholder={t("floor.alert.off")}
      min={1}
      max={max}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={limits[name] ?? ""}
      onChange={(value) => setLimits({ ...limits, [name]: typeof value === "number" ? value : null })}
    />
  );
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save(limits);
      }}
    >
      <p>{t("floor.alert.help", { target: queue.target_seconds })}</p>
      {field("oldest_seconds", 604_800)}
      {field("waiting", 10_000)}
      {field("share", 100)}
      <div className={styles.buttons}>
        <Button type="submit" size="compact-sm">
          {t("floor.alert.save")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void save(NONE)}>
          {t("floor.alert.reset")}
        </Button>
      </div>
    </form>
  );
}

export function AlertMenu({ queue }: { queue: Queue }) {
  const { t } = useTexts();
  const steers = useMay("steer");
  const [open, setOpen] = useState(false);
  if (!steers) return null;
  const label = t("floor.alert.of", { name: queue.name });
  const icon = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={28}
      aria-label={label}
      title={label}
      aria-haspopup="dialog"
      aria-expanded={open}
      onClick={() => setOpen(!open)}
    >
      <BellRing size={15} />
    </ActionIcon>
  );
  return (
    <Popover opened={open} onChange={setOpen} width="min(280px, calc(100vw - 24px))" position="bottom-end" trapFocus returnFocus>
      <Popover.Target>{icon}</Popover.Target>
      {open && (
        <Popover.Dropdown className={styles.pop} aria-label={label}>
          <Form queue={queue} onDone={() => setOpen(false)} />
        </Popover.Dropdown>
      )}
    </Popover>
  );
}
