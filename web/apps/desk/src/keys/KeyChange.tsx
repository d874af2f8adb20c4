/** A key that can be moved: pressed once, the next key takes its place; Backspace gives the first one back. */
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { type KeyboardEvent, useState } from "react";
import { prefer, usePreference } from "../data/session.ts";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { type Command, takenBy } from "./keymap.ts";
import styles from "./keys.module.css";
import { keyLabel } from "./useKeys.ts";

export function KeyChange({ command }: { command: Command }) {
  const { t } = useTexts();
  const moved = usePreference("keymap") ?? {};
  const [asking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const name = t(`keys.command.${command}`);
  const finish = () => {
    setAsking(false);
    setTrouble(null);
  };
  const give = (key: string | null) => {
    const { [command]: _, ...rest } = moved;
    prefer({ keymap: key === null ? rest : { ...rest, [command]: key } });
    finish();
    announce(t("keys.changed", { name, key: key === null ? t("keys.first") : key.toUpperCase() }));
  };
  const onKey = (event: KeyboardEvent) => {
    if (!asking || ["Tab", "Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return finish();
    if (event.key === "Backspace" || event.key === "Delete") return give(null);
    const key = event.key.toLowerCase();
    const taken = takenBy(key, command, moved);
    if (taken === null) return give(key);
    setTrouble(
      taken === "sequence" || taken === "sign"
        ? t(`keys.refused.${taken}`)
        : t("keys.refused.taken", { key: key.toUpperCase(), name: t(`keys.command.${taken}`) }),
    );
  };
  return (
    <>
      <button
        type="button"
        className={styles.change}
        data-asking={asking || undefined}
        aria-label={t("keys.change", { name, key: keyLabel(command) })}
        title={t("keys.change", { name, key: keyLabel(command) })}
        onClick={() => setAsking(!asking)}
        onBlur={finish}
        onKeyDown={onKey}
      >
        {asking ? t("keys.press") : <Kbd text>{keyLabel(command)}</Kbd>}
      </button>
      <span className={styles.trouble} role="status">
        {trouble}
      </span>
    </>
  );
}
