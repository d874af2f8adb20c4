/** The key field in the top bar: opens the dial pad. Its lamp says that a call is parked. */
import { ActionIcon, Popover } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Grip } from "lucide-react";
import { Suspense, useState } from "react";
import head from "../conversation/head.module.css";
import { useTexts } from "../i18n/index.ts";
import { fetched } from "../shell/fetched.ts";
import styles from "../shell/shell.module.css";
import { parked } from "./calls.ts";
import { useHasVoice } from "./usePhoneShift.ts";

const DialPad = fetched(() => import("./DialPad.tsx"));

export function DialButton() {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const has = useHasVoice();
  const waiting = useSnapshot((snapshot) => parked(snapshot).length > 0);
  if (!has) return null;
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
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          className={styles.dial}
          aria-label={t("call.dial")}
          title={t("call.dial")}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Grip size={18} />
          {waiting && <span className={styles.placeLamp} />}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={head.menu} aria-label={t("call.dial")}>
        <Suspense>{open && <DialPad done={() => setOpen(false)} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
