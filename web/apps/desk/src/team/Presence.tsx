/** The state of a colleague, as the desk knows it: a shape, and its word where there is room. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { activityShape, workerShape } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { activityName } from "../shell/words.ts";
import styles from "./team.module.css";

export function Presence({ workerId, word = false }: { workerId: string | null; word?: boolean }) {
  const { t } = useTexts();
  const worker = useSnapshot((snapshot) => (workerId ? snapshot.workers[workerId] : undefined));
  const activities = useSnapshot((snapshot) => snapshot.activities);
  if (!worker) return null;
  const shape = workerShape(worker, activities);
  const activity = activities[worker.activity_id];
  const name = shape === activityShape(activity) ? activityName(activity, t) : t(`state.${shape}`);
  return (
    <span className={styles.presence}>
      <StateGlyph shape={shape} />
      <span className={word ? undefined : "hidden"}>{name}</span>
    </span>
  );
}
