/** The `?` page: every key, from the same table that the listener reads. */
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { useEffect } from "react";
import { useTexts } from "../i18n/index.ts";
import { KeyChange } from "./KeyChange.tsx";
import { type Command, isMovable, KEYMAP, type KeyLine } from "./keymap.ts";
import styles from "./keys.module.css";
import { keyLabel } from "./useKeys.ts";

const GROUPS: KeyLine["group"][] = ["offer", "call", "conversation", "places", "general"];

export default function KeysPage() {
  const { t } = useTexts();
  useEffect(() => {
    document.title = `${t("keys.title")} · Parlons`;
  }, [t]);
  const all = Object.entries(KEYMAP) as [Command, KeyLine][];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.sheet} tabIndex={0} role="region" aria-label={t("keys.title")}>
      <h1>{t("keys.title")}</h1>
      <p>{t("keys.intro")}</p>
      <p>{t("keys.how")}</p>
      <div className={styles.groups}>
        {GROUPS.map((group) => (
          <section key={group} aria-label={t(`keys.group.${group}`)}>
            <h2>{t(`keys.group.${group}`)}</h2>
            <dl>
              {all
                .filter(([, line]) => line.group === group)
                .map(([command]) => (
                  <div key={command}>
                    <dt>{t(`keys.command.${command}`)}</dt>
                    <dd>
                      {isMovable(command) ? <KeyChange command={command} /> : <Kbd text>{keyLabel(command)}</Kbd>}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </div>
  );
}
