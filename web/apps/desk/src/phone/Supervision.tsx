/** The call bar of somebody who listens in: whom, how long, in which way; taking over and stopping. */
import { Button, SegmentedControl } from "@mantine/core";
import type { SuperviseMode } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { Lamp } from "@parlons/ui/Portrait.tsx";
import { EarOff, PhoneIncoming } from "lucide-react";
import { secondsSince, useNow } from "../data/clock.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { supervise, toggleMute } from "./acts.ts";
import styles from "./callbar.module.css";
import { farNumber } from "./calls.ts";
import { shown } from "./number.ts";
import { usePhone } from "./state.ts";

const SAYS = { listen: "supervise.listening", whisper: "supervise.whispering", barge: "supervise.barging" } as const;

export function Supervision({ callId }: { callId: string }) {
  const { t } = useTexts();
  const now = useNow();
  const legId = usePhone((phone) => phone.legId);
  const workerId = useSession((session) => session.me?.worker_id);
  const call = useSnapshot((snapshot) => snapshot.calls?.[callId]);
  const agent = useSnapshot((snapshot) => snapshot.workers[call?.worker_id ?? ""]?.name ?? "");
  useCommand("mute", () => toggleMute());
  useCommand("endCall", () => call && void supervise(call, "stop"));
  if (!call) return null;
  const own = call.parties.find(
    (party) => party.kind === "supervisor" && (party.leg_id === legId || party.worker_id === workerId),
  );
  const mode = own?.mode ?? "listen";
  const name = call.customer_name || shown(farNumber(call)) || t("call.unknown");
  return (
    <section className={styles.bar} aria-label={t("supervise.listening", { agent })} data-supervised>
      <div className={styles.facts}>
        <Lamp /> <strong className={styles.name}>{t(SAYS[mode], { agent })}</strong>
        <span className={styles.number}>{t("supervise.with", { name })}</span>
        <span className={`${styles.clock} num`}>{duration(secondsSince(call.agent_at ?? call.started_at, now))}</span>
      </div>
      <div className={styles.acts}>
        <SegmentedControl
          size="xs"
          aria-label={t("supervise.mode")}
          value={mode}
          onChange={(value) => void supervise(call, value as SuperviseMode)}
          data={(["listen", "whisper", "barge"] as const).map((value) => ({ value, label: t(`supervise.${value}`) }))}
        />
        <Button
          variant="subtle"
          className={styles.act}
          data-word="wide"
          aria-label={t("supervise.takeover")}
          leftSection={<PhoneIncoming size={18} />}
          onClick={() => void supervise(call, "takeover")}
        >
          <span>{t("supervise.takeover")}</span>
        </Button>
        <Button
          className={styles.end}
          leftSection={<EarOff size={18} />}
          aria-label={t("supervise.stop")}
          onClick={() => void supervise(call, "stop")}
        >
          <span>{t("supervise.stop")}</span>
        </Button>
      </div>
    </section>
  );
}
