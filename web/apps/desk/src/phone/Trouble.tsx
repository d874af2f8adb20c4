/** One line under the top bar when something stands between the two who talk: what, and what to do. */
import { Button } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { useEffect, useRef, useState } from "react";
import { useNow } from "../data/clock.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./callbar.module.css";
import { isHere, myCall, supervised } from "./calls.ts";
import { loadPhone, usePhone } from "./state.ts";

const LONG_PAUSE_SECONDS = 180;

/** Since when the recording is paused, as this screen saw it. */
function usePausedFor(call: Call): number {
  const since = useRef<number | null>(null);
  const now = useNow();
  if (call.recording.state !== "paused") since.current = null;
  else since.current ??= now;
  return since.current === null ? 0 : (now - since.current) / 1000;
}

interface Line {
  text: string;
  act?: string;
  run?: () => void;
  bad?: boolean;
}

function Trouble({ call }: { call: Call }) {
  const { t } = useTexts();
  const phone = usePhone();
  const lost = useLive((live) => live.status === "lost");
  const paused = usePausedFor(call);
  const [asked, setAsked] = useState(false);
  useEffect(() => setAsked(false), [phone.microphone]);
  const here = isHere(call, phone.legId);
  const withIt = (how: (phone: typeof import("./phone.ts")) => void) => () => void loadPhone().then(how);
  const again = () => {
    setAsked(true);
    void loadPhone().then((each) => each.reopen());
  };
  let line: Line | null = null;
  if (phone.state === "down")
    line = { text: t("call.down"), act: t("call.mend"), run: withIt((each) => each.start()), bad: true };
  else if (phone.state === "reconnecting") line = { text: t("call.mending") };
  else if (here && phone.silent)
    line = { text: t("call.silent"), act: t("call.hear"), run: withIt((each) => each.hear()) };
  else if (here && (phone.microphone === "refused" || phone.microphone === "none") && !asked)
    line = { text: t("call.noMicrophone"), act: t("call.mend"), run: again, bad: true };
  else if (lost) line = { text: t("call.goesOn") };
  else if (call.recording.state === "failed") line = { text: t("call.recordingFailed"), bad: true };
  else if (paused > LONG_PAUSE_SECONDS) line = { text: t("call.recordingPausedFor", { time: duration(paused) }) };
  if (!line) return null;
  return (
    <div className={styles.trouble} data-bad={line.bad || undefined} role="status">
      <span>{line.text}</span>
      {line.act && (
        <Button size="compact-sm" variant="default" onClick={line.run}>
          {line.act}
        </Button>
      )}
    </div>
  );
}

export default function CallTrouble() {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const legId = usePhone((phone) => phone.legId);
  const call = useSnapshot((snapshot) => myCall(snapshot, workerId) ?? supervised(snapshot, legId, workerId)?.[0]);
  return call ? <Trouble call={call} /> : null;
}
