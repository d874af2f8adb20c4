/** No conversation is open: what will come, why it is empty, one act. Five jacks, two of them joined. */
import { Button } from "@mantine/core";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { Suspense } from "react";
import { setActivity } from "../data/actions.ts";
import { useNow } from "../data/clock.ts";
import { activityShape, choices } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel } from "../keys/useKeys.ts";
import { useHasVoice } from "../phone/usePhoneShift.ts";
import { fetched } from "../shell/fetched.ts";
import { FirstDay } from "../welcome/FirstDay.tsx";
import { useSetup } from "../welcome/setup.ts";
import { openSteps } from "../welcome/steps.ts";
import styles from "./inbox.module.css";

const Preflight = fetched(() => import("../phone/Preflight.tsx"));

function Jacks() {
  const lit = [1, 3];
  return (
    <svg viewBox="0 0 180 56" width="180" height="56" fill="none" aria-hidden="true">
      {[0, 1, 2, 3, 4].map((each) => (
        <g key={each}>
          <circle
            cx={12 + each * 38}
            cy="12"
            r="10"
            stroke={lit.includes(each) ? "var(--p-accent)" : "var(--p-line2)"}
            strokeWidth={lit.includes(each) ? 3 : 2}
          />
          {lit.includes(each) && <circle cx={12 + each * 38} cy="12" r="3.5" fill="var(--p-accent)" />}
        </g>
      ))}
      <path d="M50 22c0 40 76 40 76 0" stroke="var(--p-accent)" strokeWidth="3" />
    </svg>
  );
}

export function Empty() {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const worker = useSnapshot((snapshot) => (me?.worker_id ? snapshot.workers[me.worker_id] : undefined));
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const voice = useHasVoice();
  const hour = new Date(useNow()).getHours();
  const shape = worker ? activityShape(activities[worker.activity_id]) : null;
  const ready = choices(activities).find((each) => activityShape(each) === "ready");
  const hello = t(hour < 12 ? "empty.morning" : hour < 18 ? "empty.afternoon" : "empty.evening", {
    name: me?.user.name.split(" ")[0],
  });
  const line = !worker ? t("empty.noWorker") : shape === "ready" ? t("empty.ready") : t("empty.notReady");
  const before = voice && shape === "off";
  const unfinished = useSetup((setup) => setup.document !== null && openSteps(setup.document).length > 0);
  return (
    <div className={styles.start} data-before={before || undefined}>
      <div className={styles.empty}>
        <Jacks />
        <h1>{hello}</h1>
        <p>{line}</p>
        {worker && shape !== "ready" && ready && (
          <div className={styles.act}>
            <Button
              size="md"
              variant={unfinished ? "default" : "filled"}
              onClick={() => void setActivity(worker.id, ready.id)}
            >
              {t(shape === "off" ? "state.start" : "state.back")}
            </Button>
          </div>
        )}
        <FirstDay />
        <p className={styles.hint}>
          {t("empty.press")} <Kbd text>?</Kbd> {t("empty.forKeys")} <Kbd text>{keyLabel("palette")}</Kbd>{" "}
          {t("empty.toFind")}
        </p>
      </div>
      {before && (
        <Suspense>
          <Preflight />
        </Suspense>
      )}
    </div>
  );
}
