/** One call of a colleague on Live: who is on the line, and the ways to be with them. */
import { Button } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { useMemo } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { useTexts } from "../i18n/index.ts";
import { supervise } from "./acts.ts";
import { callsOf, farNumber } from "./calls.ts";
import { shown } from "./number.ts";
import styles from "./phone.module.css";

const MODES = ["listen", "whisper", "barge", "takeover"] as const;

/** The ways to be with a call; `whose` names it where several are listed. */
export function SuperviseActs({ call, whose }: { call: Call; whose?: string }) {
  const { t } = useTexts();
  return (
    <>
      {MODES.map((mode) => (
        <Button
          key={mode}
          size="compact-sm"
          variant={mode === "listen" && !whose ? "filled" : "default"}
          aria-label={whose ? `${t(`supervise.${mode}`)}, ${whose}` : undefined}
          onClick={() => void supervise(call, mode)}
        >
          {t(`supervise.${mode}`)}
        </Button>
      ))}
    </>
  );
}

function One({ call }: { call: Call }) {
  const { t } = useTexts();
  const now = useNow();
  const name = call.customer_name || shown(farNumber(call)) || t("call.unknown");
  const talking = call.state === "talking" || call.state === "held";
  return (
    <li className={styles.supervised}>
      <p>
        <strong>{name}</strong>{" "}
        <span>{t(call.state === "held" ? "call.held" : talking ? "call.talking" : "call.ringing")}</span>{" "}
        <span className="num">{duration(secondsSince(call.agent_at ?? call.started_at, now))}</span>
      </p>
      {talking && (
        <div>
          <SuperviseActs call={call} />
        </div>
      )}
    </li>
  );
}

export function SuperviseCalls({ workerId }: { workerId: string }) {
  const { t } = useTexts();
  const calls = useSnapshot((snapshot) => snapshot.calls);
  const own = useMemo(() => callsOf({ calls } as Parameters<typeof callsOf>[0], workerId), [calls, workerId]);
  if (own.length === 0) return null;
  return (
    <section aria-label={t("supervise.title")}>
      <h3 className={styles.sub}>{t("supervise.title")}</h3>
      <ul>
        {own.map((call) => (
          <One key={call.id} call={call} />
        ))}
      </ul>
    </section>
  );
}
