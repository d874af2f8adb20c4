/** The call in the top bar, in the same spot on every page: who, how long, how it sounds, and what can be done. */
import { Button, Tooltip } from "@mantine/core";
import type { Call } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { Lamp } from "@parlons/ui/Portrait.tsx";
import { CircleDot, CirclePause, Mic, MicOff, Pause, PhoneOff, Play, X } from "lucide-react";
import { secondsSince, useNow } from "../data/clock.ts";
import { go } from "../data/route.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { keyLabel, useCommand } from "../keys/useKeys.ts";
import { BesideButton } from "./beside/BesideButton.tsx";
import { hangUp, hold, pauseRecording, takeOut, toggleMute } from "./acts.ts";
import { AddMenu, TransferMenu } from "./CallMenus.tsx";
import { Consult } from "./Consult.tsx";
import styles from "./callbar.module.css";
import { added, consulted, farNumber, isGuest, isHere, myCall, supervised } from "./calls.ts";
import { Keypad } from "./Keypad.tsx";
import { shown } from "./number.ts";
import { QualityBadge } from "./QualityBadge.tsx";
import { Supervision } from "./Supervision.tsx";
import { usePhone } from "./state.ts";

function Clock({ call }: { call: Call }) {
  const { t } = useTexts();
  const now = useNow();
  if (call.state === "ringing") return <span className={styles.ringing}>{t("call.ringing")}</span>;
  if (call.held_since && call.state === "held")
    return (
      <span className={`${styles.held} num`}>
        {t("call.heldFor", { time: duration(secondsSince(call.held_since, now)) })}
      </span>
    );
  return <span className={`${styles.clock} num`}>{duration(secondsSince(call.agent_at ?? call.started_at, now))}</span>;
}

function Who({ call }: { call: Call }) {
  const { t } = useTexts();
  const number = farNumber(call);
  const name = call.customer_name || (number ? shown(number) : t("call.unknown"));
  const open = () => call.conversation_id && go({ page: "desk", conversation: call.conversation_id });
  return (
    <button type="button" className={styles.who} onClick={open} disabled={!call.conversation_id}>
      <Lamp /> <strong>{name}</strong>
      {call.customer_name && number && <span className={`${styles.number} num`}>{shown(number)}</span>}
    </button>
  );
}

function Added({ call }: { call: Call }) {
  const { t } = useTexts();
  const legId = usePhone((phone) => phone.legId);
  if (call.state === "consulting") return null;
  const others = added(call, legId).slice(call.direction === "internal" ? 1 : 0); // the first one is the call's name
  return others.map((party) => (
    <span key={party.leg_id} className={styles.party}>
      <span>{t(party.state === "ringing" ? "call.ringsAt" : "call.with", { name: shown(party.label) })}</span>
      <button
        type="button"
        aria-label={t("call.removeParty", { name: shown(party.label) })}
        onClick={() => void takeOut(call, party.leg_id)}
      >
        <X size={14} />
      </button>
    </span>
  ));
}

/** Who brought me into his call. */
function Host({ call }: { call: Call }) {
  const { t } = useTexts();
  const host = call.parties.find((party) => party.worker_id !== null && party.worker_id === call.worker_id);
  return host ? <span className={styles.party}>{t("call.with", { name: host.label })}</span> : null;
}

interface ActProps {
  label: string;
  keys?: "mute" | "hold" | "recording" | "endCall";
  pressed?: boolean;
  icon: React.ReactNode;
  word?: "always" | "wide" | "widest";
  onClick: () => void;
}

/** An icon whose word shows where there is room; the tooltip has its key. */
function Act({ label, keys, pressed, icon, word, onClick }: ActProps) {
  return (
    <Tooltip label={keys ? `${label} (${keyLabel(keys)})` : label}>
      <Button
        variant="subtle"
        className={styles.act}
        aria-label={label}
        data-on={pressed || undefined}
        data-word={word}
        leftSection={icon}
        onClick={onClick}
      >
        {word && <span>{label}</span>}
      </Button>
    </Tooltip>
  );
}

function Recording({ call }: { call: Call }) {
  const { t } = useTexts();
  const { state } = call.recording;
  const paused = state === "paused";
  const can = (state === "on" || paused) && call.state !== "ringing";
  const toggle = () => void pauseRecording(call, !paused);
  useCommand("recording", toggle, can);
  if (!can) return null;
  return (
    <Act
      label={t(paused ? "call.resumeRecording" : "call.pauseRecording")}
      keys="recording"
      pressed={paused}
      icon={paused ? <CirclePause size={18} /> : <CircleDot size={18} className={styles.recording} />}
      word="widest"
      onClick={toggle}
    />
  );
}

/** Also while one asks a colleague. */
function Mute({ call }: { call: Call }) {
  const { t } = useTexts();
  const workerId = useSession((session) => session.me?.worker_id);
  const own = call.parties.find((party) => party.kind === "agent" && party.worker_id === workerId);
  const muted = usePhone((phone) => (isHere(call, phone.legId) ? phone.muted : (own?.muted ?? false)));
  const can = call.state !== "ringing";
  const toggle = () => toggleMute(call, workerId);
  useCommand("mute", toggle, can);
  if (!can) return null;
  return (
    <Act
      label={t(muted ? "call.unmute" : "call.mute")}
      keys="mute"
      pressed={muted}
      icon={muted ? <MicOff size={18} /> : <Mic size={18} />}
      word={call.state === "consulting" ? undefined : "wide"}
      onClick={toggle}
    />
  );
}

function Acts({ call }: { call: Call }) {
  const { t } = useTexts();
  const held = call.state === "held";
  const talking = call.state === "talking" || held;
  useCommand("hold", () => void hold(call), talking);
  return (
    <>
      {talking && (
        <Act
          label={t(held ? "call.resume" : "call.hold")}
          keys="hold"
          pressed={held}
          icon={held ? <Play size={18} /> : <Pause size={18} />}
          word="wide"
          onClick={() => void hold(call)}
        />
      )}
      {call.state !== "ringing" && <Keypad call={call} />}
      {talking && call.direction !== "internal" && <BesideButton call={call} />}
      {talking && <AddMenu call={call} />}
      {talking && <TransferMenu call={call} />}
      <Recording call={call} />
    </>
  );
}

function Own({ call }: { call: Call }) {
  const { t } = useTexts();
  const guest = useSession((session) => isGuest(call, session.me?.worker_id ?? null));
  const here = usePhone((phone) => isHere(call, phone.legId));
  const name = call.customer_name || shown(farNumber(call)) || t("call.unknown");
  useCommand("endCall", () => void hangUp(call));
  return (
    <section
      className={styles.bar}
      aria-label={t("call.bar", { name })}
      data-state={call.state}
      data-many={call.parties.length > 2 || undefined}
    >
      <div className={styles.facts}>
        <Who call={call} />
        <Clock call={call} />
        {here ? (
          <QualityBadge />
        ) : (
          call.state !== "ringing" && <span className={styles.quiet}>{t("call.otherDevice")}</span>
        )}
        {guest ? <Host call={call} /> : <Added call={call} />}
      </div>
      <div className={styles.acts}>
        <Mute call={call} />
        {!guest && (consulted(call) ? <Consult call={call} /> : <Acts call={call} />)}
        <Button
          className={styles.end}
          leftSection={<PhoneOff size={18} />}
          onClick={() => void hangUp(call)}
          title={keyLabel("endCall")}
          aria-label={t("call.endCall")}
        >
          <span>{t("call.end")}</span>
        </Button>
      </div>
    </section>
  );
}

export default function CallBar() {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const legId = usePhone((phone) => phone.legId);
  const call = useSnapshot((snapshot) => myCall(snapshot, workerId));
  const watched = useSnapshot((snapshot) => supervised(snapshot, legId, workerId)?.[0].id ?? null);
  if (call) return <Own call={call} />;
  return watched ? <Supervision callId={watched} /> : null;
}
