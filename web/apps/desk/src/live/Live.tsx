/** The supervisor's page: one alarm in a sentence, queues as rows, who waits, people by who needs help, not served. */
import "@mantine/core/styles/Checkbox.css";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { timeSeconds } from "@parlons/ui/format.ts";
import { Lamp } from "@parlons/ui/Portrait.tsx";
import { useEffect, useMemo } from "react";
import { WhyPanel } from "../context/WhyPanel.tsx";
import { useNow } from "../data/clock.ts";
import { notServed } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { Alarm } from "./Alarm.tsx";
import { Calls } from "./Calls.tsx";
import { people, queueLines, waitingTasks, wrappingWorkers } from "./figures.ts";
import styles from "./live.module.css";
import { NotServed } from "./NotServed.tsx";
import { People } from "./People.tsx";
import { Queues } from "./Queues.tsx";
import { useStatistics } from "./statistics.ts";
import { Waiting } from "./Waiting.tsx";

function Head() {
  const { t, locale } = useTexts();
  const firms = useSession((session) => session.me?.firms ?? []);
  const tenant = useSession((session) => session.me?.tenant.name ?? "");
  const lost = useLive((live) => live.status === "lost");
  const heardAt = useLive((live) => live.heardAt);
  const now = useNow();
  const which = firms.length > 1 ? t("live.allFirms", { tenant }) : (firms[0]?.name ?? tenant);
  return (
    <header className={styles.head}>
      <h1>{t("place.live")}</h1>
      <span className={styles.which}>{which}</span>
      <span className={`${styles.now} num`}>
        {lost ? t("live.lastSeen", { time: timeSeconds(heardAt, locale) }) : <Lamp />}{" "}
        {!lost && timeSeconds(now, locale)}
      </span>
    </header>
  );
}

export default function Live() {
  const { t } = useTexts();
  const snapshot = useSnapshot((each) => each);
  const dim = useLive((live) => live.status === "lost");
  const why = useUi((ui) => ui.why);
  const live = useStatistics();
  const now = useNow();
  const lines = queueLines(snapshot, live, now);
  const waiting = useMemo(() => waitingTasks(snapshot), [snapshot]);
  const { here, off } = useMemo(() => people(snapshot, wrappingWorkers(snapshot)), [snapshot]);
  const unserved = useMemo(() => notServed(snapshot), [snapshot]);
  useEffect(() => {
    document.title = `${t("place.live")} · Parlons`;
  }, [t]);
  return (
    <div className={styles.page} data-why={why ? "" : undefined}>
      <div className={styles.sheet} data-dim={dim || undefined}>
        <Head />
        <div className={styles.body} tabIndex={0} role="region" aria-label={t("place.live")}>
          <Alarm lines={lines} people={here} />
          <Queues lines={lines} people={here} />
          {waiting.length > 0 && <Waiting tasks={waiting} />}
          <Calls />
          <People here={here} off={off} />
          <NotServed items={unserved} />
        </div>
      </div>
      {why && <WhyPanel target={why} onClose={() => useUi.setState({ why: null })} />}
    </div>
  );
}
