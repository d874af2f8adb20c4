/** Twelve keys for machines at the other end; the computer's own keys press them too. */
import { Button, Popover } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { Grip } from "lucide-react";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { digits } from "./acts.ts";
import styles from "./callbar.module.css";
import dial from "./dial.module.css";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS = ["", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ", "", "+", ""];

/** The twelve keys; what was pressed is told by `onPress`. */
export function Keys({ onPress }: { onPress: (key: string) => void }) {
  const { t } = useTexts();
  return (
    <div className={dial.keys} role="group" aria-label={t("call.keypad")}>
      {KEYS.map((key, index) => (
        <button key={key} type="button" aria-label={t("call.key", { key })} onClick={() => onPress(key)}>
          <b>{key}</b>
          <small aria-hidden="true">{LETTERS[index]}</small>
        </button>
      ))}
    </div>
  );
}

export function Keypad({ call }: { call: Call }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [sent, setSent] = useState("");
  const press = (key: string) => {
    setSent((before) => (before + key).slice(-24));
    void digits(call, key);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus onClose={() => setSent("")}>
      <Popover.Target>
        <Button
          variant="subtle"
          className={styles.act}
          aria-label={t("call.keypad")}
          title={t("call.keypad")}
          aria-haspopup="dialog"
          aria-expanded={open}
          leftSection={<Grip size={18} />}
          onClick={() => setOpen(!open)}
        />
      </Popover.Target>
      <Popover.Dropdown
        className={dial.pad}
        aria-label={t("call.keypad")}
        onKeyDown={(event) => {
          if (!/^[0-9*#]$/.test(event.key) || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          press(event.key);
        }}
      >
        <p className={`${dial.sent} num`} role="status">
          {sent ? t("call.digitsSent", { digits: sent }) : "\u00a0"}
        </p>
        <Keys onPress={press} />
      </Popover.Dropdown>
    </Popover>
  );
}
