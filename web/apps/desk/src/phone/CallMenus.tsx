/** Transfer (ask first, or at once), add somebody, park: who is chosen first, then how. */
import { Button, Popover } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { ArrowLeftRight, CircleParking, UserPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import head from "../conversation/head.module.css";
import { type Option, Pick } from "../conversation/Pick.tsx";
import { useTexts } from "../i18n/index.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import { add, consult, park, transfer } from "./acts.ts";
import styles from "./callbar.module.css";
import dial from "./dial.module.css";
import { plainName, targetOf, useCallTargets, useTypedNumber } from "./targets.tsx";

interface MenuProps {
  label: string;
  icon: ReactNode;
  title: string;
  word?: "wide";
  open: boolean;
  setOpen: (open: boolean) => void;
  children: ReactNode;
}

function Menu({ label, icon, title, word, open, setOpen, children }: MenuProps) {
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      width="min(320px, calc(100vw - 24px))"
      position="bottom-end"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant="subtle"
          className={styles.act}
          data-word={word}
          aria-label={label}
          title={title}
          aria-haspopup="dialog"
          aria-expanded={open}
          leftSection={icon}
          onClick={() => setOpen(!open)}
        >
          {word && <span>{label}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={head.menu} aria-label={label}>
        {open && children}
      </Popover.Dropdown>
    </Popover>
  );
}

function focusNext(): void {
  setTimeout(() => document.querySelector<HTMLElement>("[data-call-next]")?.focus(), 0);
}

function TransferForm({ call, done }: { call: Call; done: () => void }) {
  const { t } = useTexts();
  const [to, setTo] = useState<Option | null>(null);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const options = useCallTargets(true);
  const typed = useTypedNumber();
  const target = to && targetOf(to, queues);
  const name = to ? plainName(to) : "";
  const run = (act: () => unknown) => () => {
    done();
    void act();
  };
  const now = target ? run(() => transfer(call, target)) : undefined;
  return (
    <div className={head.pick}>
      <Pick
        label={t("call.transferTo")}
        none={t("call.nobody")}
        options={options}
        typed={typed}
        chosen={to?.id ?? null}
        onChoose={(option) => {
          setTo(option);
          focusNext();
        }}
      />
      {!target && <Button disabled>{t("call.chooseWho")}</Button>}
      {target && !target.queue_id && (
        <Button data-call-next onClick={run(() => consult(call, target))}>
          {t("call.askFirst", { name })}
        </Button>
      )}
      {target && (
        <Button
          variant={target.queue_id ? "filled" : "default"}
          data-call-next={target.queue_id ? "" : undefined}
          onClick={now}
        >
          {t("call.transferNow")}
        </Button>
      )}
      <div className={dial.park}>
        <Button variant="subtle" leftSection={<CircleParking size={16} />} onClick={run(() => park(call))}>
          {t("call.park")}
        </Button>
        <p>{t("call.parkHelp")}</p>
      </div>
    </div>
  );
}

export function TransferMenu({ call }: { call: Call }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  useCommand("transferAnywhere", () => setOpen(true));
  useCommand("transfer", () => setOpen(true));
  const label = t("call.transfer");
  return (
    <Menu
      label={label}
      icon={<ArrowLeftRight size={18} />}
      title={`${label} (${keyLabel("transferAnywhere")})`}
      word="wide"
      open={open}
      setOpen={setOpen}
    >
      <TransferForm call={call} done={() => setOpen(false)} />
    </Menu>
  );
}

function AddForm({ call, done }: { call: Call; done: () => void }) {
  const { t } = useTexts();
  const [to, setTo] = useState<Option | null>(null);
  const options = useCallTargets(false);
  const typed = useTypedNumber();
  const go = () => {
    if (!to) return;
    done();
    void add(call, targetOf(to, {}));
  };
  return (
    <div className={head.pick}>
      <Pick
        label={t("call.addWho")}
        none={t("call.nobody")}
        options={options}
        typed={typed}
        chosen={to?.id ?? null}
        onChoose={(option) => {
          setTo(option);
          focusNext();
        }}
      />
      <Button disabled={!to} data-call-next onClick={go}>
        {to ? t("call.addNow", { name: plainName(to) }) : t("call.chooseAdd")}
      </Button>
    </div>
  );
}

export function AddMenu({ call }: { call: Call }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const label = t("call.add");
  return (
    <Menu label={label} icon={<UserPlus size={18} />} title={label} open={open} setOpen={setOpen}>
      <AddForm call={call} done={() => setOpen(false)} />
    </Menu>
  );
}
