/** What a change would do, in sentences with numbers: who matches each queue, which waiting tasks move or find nobody. */
import { useTexts } from "../i18n/index.ts";
import styles from "./form.module.css";
import type { Effects } from "./settings.ts";

export function EffectsView({ effects }: { effects: Effects }) {
  const { t } = useTexts();
  const { queues = [], tasks } = effects;
  const lines = [
    ...queues.map((each) => {
      const names = { joined: each.joined.join(", "), left: each.left.join(", ") };
      const head = t("settings.effects.queue", { name: each.name, before: each.before, after: each.after });
      const joined = names.joined && t("settings.effects.joined", { names: names.joined });
      const left = names.left && t("settings.effects.left", { names: names.left });
      return [head, joined, left].filter(Boolean).join(" ");
    }),
    ...(tasks?.moved ?? []).map((each) => t("settings.effects.moved", each)),
    ...(tasks?.stranded ?? []).map((each) => t("settings.effects.stranded", each)),
    ...(tasks?.ended ? [t("settings.effects.ended", { count: tasks.ended })] : []),
  ];
  if (lines.length === 0) return null;
  return (
    <div className={styles.notice} data-tone={tasks?.stranded_total ? "warn" : undefined}>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
