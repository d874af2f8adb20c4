/** Three checks: microphone, ringing, network. Each says what it found and what to do; none blocks anything. */
import { Button, NativeSelect } from "@mantine/core";
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { cause } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import {
  canChooseOutput,
  chosen,
  kindOf,
  type MicrophoneState,
  openMicrophone,
  permission,
  type Role,
  refresh,
  refusalOf,
  setVolume,
  useDevices,
  watchDevices,
  wish,
} from "./devices.ts";
import { listen } from "./level.ts";
import { type Found, networkGrade, testNetwork } from "./network.ts";
import styles from "./phone.module.css";
import { tryRing } from "./ring.ts";

type Standing = "open" | "done" | "bad";

interface CheckProps {
  title: string;
  standing: Standing;
  children: ReactNode;
}

function Check({ title, standing, children }: CheckProps) {
  const Icon = standing === "done" ? CircleCheck : standing === "bad" ? CircleAlert : CircleDashed;
  return (
    <section
      className={styles.check}
      aria-label={title}
      data-done={standing === "done" || undefined}
      data-bad={standing === "bad" || undefined}
    >
      <Icon size={18} aria-hidden="true" />
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </section>
  );
}

function Choose({ role, label }: { role: Role; label: string }) {
  const { t } = useTexts();
  const list = useDevices((devices) => devices.list);
  useDevices((devices) => devices.wishes);
  const fit = list.filter((each) => each.kind === kindOf(role) && each.label);
  if (fit.length === 0) return null;
  return (
    <NativeSelect
      label={label}
      size="sm"
      value={chosen(role)?.id ?? ""}
      onChange={(event) => wish(role, fit.find((each) => each.id === event.currentTarget.value) ?? null)}
      data={[{ value: "", label: t("phone.system") }, ...fit.map((each) => ({ value: each.id, label: each.label }))]}
    />
  );
}

const BARS = Array.from({ length: 24 }, (_, index) => index);

function Level({ level }: { level: number }) {
  const { t } = useTexts();
  return (
    <div
      className={styles.level}
      role="meter"
      aria-label={t("phone.level")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
    >
      {BARS.map((bar) => (
        <i key={bar} data-lit={bar / BARS.length < level || undefined} />
      ))}
    </div>
  );
}

function Microphone({ tell }: { tell: (done: boolean) => void }) {
  const { t } = useTexts();
  const [state, setState] = useState<MicrophoneState>("unasked");
  const [on, setOn] = useState(false);
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  const wished = useDevices((devices) => devices.wishes.microphone?.id);
  useEffect(() => void permission().then(setState), []);
  useEffect(() => {
    if (!on) return;
    let stop: (() => void) | undefined;
    let gone = false;
    openMicrophone()
      .then((stream) => {
        setState("allowed");
        stop = listen(stream, (now) => {
          setLevel(now);
          if (now > 0.3) setHeard(true);
        });
        if (gone) stop();
        void refresh();
      })
      .catch((error: unknown) => {
        setState(refusalOf(error));
        setOn(false);
      });
    return () => {
      gone = true;
      stop?.();
    };
  }, [on, wished]);
  useEffect(() => tell(heard), [heard, tell]);
  const bad = state === "refused" || state === "none";
  const text = bad
    ? t(`phone.${state}`)
    : heard
      ? t("phone.heard")
      : on
        ? t("phone.listening")
        : state === "allowed"
          ? ""
          : t("phone.allowFirst");
  return (
    <Check title={t("phone.microphone")} standing={bad ? "bad" : heard ? "done" : "open"}>
      <p data-tone={bad ? "bad" : undefined} role="status">
        {text}
      </p>
      {on && <Level level={level} />}
      <div className={styles.row}>
        {state === "allowed" && <Choose role="microphone" label={t("phone.which")} />}
        <Button variant="default" onClick={() => setOn(!on)}>
          {t(on ? "phone.stop" : "phone.askMicrophone")}
        </Button>
      </div>
    </Check>
  );
}

function Ringing({ tell }: { tell: (done: boolean) => void }) {
  const { t } = useTexts();
  const volume = useDevices((devices) => devices.volume);
  const [rang, setRang] = useState<boolean | null>(null);
  const ring = async () => {
    const heard = await tryRing();
    setRang(heard);
    tell(heard);
  };
  return (
    <Check title={t("phone.ringing")} standing={rang === null ? "open" : rang ? "done" : "bad"}>
      <p role="status">
        {rang === null
          ? t(canChooseOutput() ? "phone.ringHelp" : "phone.oneOutput")
          : t(rang ? "phone.rang" : "phone.blockedSound")}
      </p>
      {canChooseOutput() && (
        <div className={styles.row}>
          <Choose role="ring" label={t("phone.ringOut")} />
          <Choose role="voice" label={t("phone.voiceOut")} />
        </div>
      )}
      <div className={styles.row}>
        <label className={styles.volume}>
          {t("phone.volume")}
          <input
            type="range"
            min={0.05}
            max={1}
            step={0.05}
            value={volume}
            onChange={(event) => setVolume(Number(event.currentTarget.value))}
          />
        </label>
        <Button variant="default" onClick={() => void ring()}>
          {t("phone.tryRing")}
        </Button>
      </div>
    </Check>
  );
}

function Network({ tell }: { tell: (done: boolean) => void }) {
  const { t } = useTexts();
  const [found, setFound] = useState<Found | "testing" | null>(null);
  const [error, setError] = useState("");
  const test = () => {
    setFound("testing");
    setError("");
    testNetwork()
      .then((result) => {
        setFound(result);
        tell(networkGrade(result.rttMs) !== "networkPoor");
      })
      .catch((reason: unknown) => {
        setFound(null);
        setError(cause(reason));
      });
  };
  const result = found && found !== "testing" ? found : null;
  const poor = result !== null && networkGrade(result.rttMs) === "networkPoor";
  const text = error
    ? t("phone.networkDown", { cause: error })
    : result
      ? `${t(`phone.${networkGrade(result.rttMs)}`, { rtt: result.rttMs })} ${t(result.relay ? "phone.relay" : "phone.noRelay")}`
      : found
        ? t("phone.testing")
        : "";
  return (
    <Check title={t("phone.network")} standing={error || poor ? "bad" : result ? "done" : "open"}>
      <p role="status" data-tone={error || poor ? "bad" : undefined}>
        {text}
      </p>
      <div className={styles.row}>
        <Button variant="default" disabled={found === "testing"} onClick={test}>
          {t("phone.testNetwork")}
        </Button>
      </div>
    </Check>
  );
}

/** `tell`: how many of the three are done. */
export function Checks({ tell }: { tell?: (done: number) => void }) {
  const [done, setDone] = useState<readonly boolean[]>([false, false, false]);
  const [tells] = useState(() =>
    [0, 1, 2].map(
      (at) => (value: boolean) => setDone((before) => before.map((each, index) => (index === at ? value : each))),
    ),
  );
  useEffect(() => watchDevices(), []);
  useEffect(() => tell?.(done.filter(Boolean).length), [done, tell]);
  return (
    <div className={styles.checks}>
      <Microphone tell={tells[0]!} />
      <Ringing tell={tells[1]!} />
      <Network tell={tells[2]!} />
    </div>
  );
}
