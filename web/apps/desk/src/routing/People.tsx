/** Whom a queue or a step would ask, the first first: state as shape and word, who would be offered it at once, how many more. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { workerShape } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./editor.module.css";
import type { Asked } from "./useTry.ts";

const SHOWN = 8;

export function People({ asked, first }: { asked: readonly Asked[]; first: boolean }) {
  const { t } = useTexts();
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const activities = useSnapshot((snapshot) => snapshot.activities);
  if (asked.length === 0) return <p className={styles.nobody}>{t("routing.try.nobody")}</p>;
  const rest = asked.slice(SHOWN);
  const ready = rest.filter((each) => each.ready).length;
  let turn = 0;
  return (
    <>
      <ul className={styles.people}>
        {asked.slice(0, SHOWN).map(({ worker_id, ready: able }) => {
          const worker = workers[worker_id];
          const shape = worker ? workerShape(worker, activities) : "off";
          turn += able ? 1 : 0;
          return (
            <li key={worker_id}>
              <StateGlyph shape={shape} />
              <span>{worker?.name ?? worker_id}</span>
              <span className={styles.how} data-first={able && turn === 1 && first ? "" : undefined}>
                {able ? (first ? t(turn === 1 ? "routing.try.rings" : "routing.try.next", { turn }) : t("routing.try.ready")) : t(`state.${shape}`)}
              </span>
            </li>
          );
        })}
      </ul>
      {rest.length > 0 && <p className={styles.nobody}>{t("routing.try.more", { count: rest.length, ready })}</p>}
    </>
  );
}
