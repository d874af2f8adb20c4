/** The calls that are talked now, longest first: with whom, how long, and the ways to be with them. */
import { Button } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { useMemo, useState } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { useMay, useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { farNumber } from "../phone/calls.ts";
import { shown } from "../phone/number.ts";
import { SuperviseActs } from "../phone/SuperviseCall.tsx";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { callsOnTheLine } from "./figures.ts";
import styles from "./live.module.css";

const SHOWN = 6;
const SAYS = { held: "call.held", parked: "call.parked", consulting: "live.asks" } as const;

function Row({ call }: { call: Call }) {
  const { t } = useTexts();
  const now = useNow();
  const coaches = useMay("coach");
  const myself = useSession((session) => session.me?.worker_id);
  const agent = useSnapshot((snapshot) => snapshot.workers[call.worker_id ?? ""]?.name ?? "");
  const queue = useSnapshot((snapshot) => snapshot.queues[call.queue_id ?? ""]?.name ?? "");
  const name = call.customer_name || shown(farNumber(call)) || t("call.unknown");
  const words = SAYS[call.state as "held"];
  const can = coaches && call.worker_id !== myself && (call.state === "talking" || call.state === "held");
  return (
    <li className={styles.waitRow}>
      <ChannelIcon channel="voice" />
      <strong>{agent}</strong>
      <span className={styles.words}>
        {t("call.with", { name })}
        {words && ` · ${t(words)}`}
      </span>
      <span className={styles.queueName}>{queue}</span>
      <span className={`${styles.wait} num`}>{duration(secondsSince(call.agent_at ?? call.started_at, now))}</span>
      <span className={styles.acts} data-calls>
        {can && <SuperviseActs call={call} whose={agent} />}
      </span>
    </li>
  );
}

export function Calls() {
  const { t } = useTexts();
  const [all, setAll] = useState(false);
  const calls = useSnapshot((snapshot) => snapshot.calls);
  const list = useMemo(() => callsOnTheLine(calls), [calls]);
  if (list.length === 0) return null;
  return (
    <section aria-label={t("live.calls")}>
      <div className={styles.heading}>
        <h2>{t("live.calls")}</h2> <span>{t("live.callsCount", { count: list.length })}</span>
      </div>
      <ul>
        {(all ? list : list.slice(0, SHOWN)).map((call) => (
          <Row key={call.id} call={call} />
        ))}
      </ul>
      {list.length > SHOWN && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t("live.fewer") : t("live.all", { count: list.length })}
        </Button>
      )}
    </section>
  );
}
