/** What saving would do to the work that waits, in sentences with numbers, and the change itself in words. */
import { useTexts } from "../i18n/index.ts";
import type { Effects } from "./draft.ts";
import styles from "./editor.module.css";

export function EffectsText({ effects, text }: { effects: Effects; text: string }) {
  const { t } = useTexts();
  const { tasks, queues } = effects;
  const changed = (queues ?? []).filter((each) => each.joined.length > 0 || each.left.length > 0);
  return (
    <section className={styles.part} aria-label={t("routing.effects.title")}>
      <h3>{t("routing.effects.title")}</h3>
      <ul>
        {changed.map((each) => (
          <li key={each.name}>
            {t("routing.effects.agents", { queue: each.name, before: each.before, after: each.after })}
            {each.joined.length > 0 && <span>{t("routing.effects.joined", { names: each.joined.join(", ") })}</span>}
            {each.left.length > 0 && <span>{t("routing.effects.left", { names: each.left.join(", ") })}</span>}
          </li>
        ))}
        {tasks && (
          <>
            {tasks.waiting === 0 && <li>{t("routing.effects.noneWaits")}</li>}
            {tasks.waiting > 0 && tasks.moved.length === 0 && tasks.stranded_total === 0 && (
              <li>{t("routing.effects.stay", { count: tasks.waiting })}</li>
            )}
            {tasks.moved.map((each) => (
              <li key={`${each.from} ${each.to}`}>
                {t("routing.effects.moved", { count: each.count, from: each.from, to: each.to })}
              </li>
            ))}
            {tasks.stranded.map((each) => (
              <li key={each.queue} data-tone="bad">
                {t("routing.effects.stranded", { count: each.count, queue: each.queue })}
              </li>
            ))}
            {tasks.ended > 0 && <li data-tone="bad">{t("routing.effects.ended", { count: tasks.ended })}</li>}
          </>
        )}
      </ul>
      <details>
        <summary>{t("routing.effects.change")}</summary>
        <pre data-scroll>{text}</pre>
      </details>
    </section>
  );
}
