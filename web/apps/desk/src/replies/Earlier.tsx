/** The versions before, each with its author; taking one up puts it into the form, keeping it makes it live. */
import { Button } from "@mantine/core";
import { when } from "@parlons/ui/format.ts";
import { useEffect, useState } from "react";
import { announce } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./replies.module.css";
import { type Text, type Version, versionsOf } from "./replies.ts";

export function Earlier({ text, use, disabled }: { text: Text; use: (version: Version) => void; disabled: boolean }) {
  const { t, locale } = useTexts();
  const [versions, setVersions] = useState<Version[]>([]);
  useEffect(() => {
    let here = true;
    void versionsOf(text.id).then((page) => here && page && setVersions(page.items.slice(1)));
    return () => {
      here = false;
    };
  }, [text.id]);
  if (versions.length === 0) return null;
  return (
    <section aria-label={t("comfort.replies.history")} className={styles.earlier}>
      <h3>{t("comfort.replies.history")}</h3>
      <ul>
        {versions.map((each) => (
          <li key={each.version}>
            <p>
              {t("comfort.replies.version", {
                version: each.version,
                name: each.changed_by,
                when: when(each.changed_at, locale),
              })}
            </p>
            {Object.entries(each.texts).map(([language, source]) => (
              <p key={language} lang={language} className={styles.quiet}>
                {source}
              </p>
            ))}
            <Button
              size="compact-sm"
              variant="default"
              disabled={disabled}
              aria-label={t("comfort.replies.useOf", { version: each.version })}
              onClick={() => {
                use(each);
                announce(t("comfort.replies.used", { version: each.version }));
              }}
            >
              {t("comfort.replies.use")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
