/** How new contacts are heard, channel by channel, and when they are not: quiet hours, on a call, for an hour from now. */
import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { time } from "@parlons/ui/format.ts";
import { Play } from "lucide-react";
import { useEffect } from "react";
import { serverNow, useNow } from "../data/clock.ts";
import { type Sound, SOUNDS } from "../data/quiet.ts";
import { prefer, type Quiet, type Sounds, usePreference } from "../data/session.ts";
import { trySound } from "../data/sound.ts";
import { useTexts } from "../i18n/index.ts";
import { ThisDevice } from "../push/ThisDevice.tsx";
import styles from "./sounds.module.css";

const CHANNELS = ["voice", "webchat", "other"] as const;
const HOUR_MS = 3_600_000;

function Channel({ channel }: { channel: (typeof CHANNELS)[number] }) {
  const { t } = useTexts();
  const sounds = usePreference("sounds") ?? {};
  const chosen: Sound = sounds[channel] ?? "knock";
  const words = channel === "voice" ? (["knock", "off"] as const) : SOUNDS;
  const name = t(`comfort.sounds.channel.${channel}`);
  return (
    <div className={styles.line}>
      <NativeSelect
        label={name}
        value={chosen}
        onChange={(event) => prefer({ sounds: { ...sounds, [channel]: event.currentTarget.value } as Sounds })}
        data={words.map((each) => ({
          value: each,
          label: t(channel === "voice" && each === "knock" ? "comfort.sounds.ring" : `comfort.sounds.${each}`),
        }))}
      />
      {channel !== "voice" && (
        <Button
          variant="default"
          leftSection={<Play size={14} />}
          disabled={chosen === "off"}
          aria-label={t("comfort.sounds.tryOf", { name })}
          onClick={() => trySound(chosen)}
        >
          {t("comfort.sounds.try")}
        </Button>
      )}
    </div>
  );
}

function Rules() {
  const { t, locale } = useTexts();
  const now = useNow();
  const quiet: Quiet = { on_call: false, calls_ring: true, ...usePreference("quiet") };
  const change = (part: Partial<Quiet>) => prefer({ quiet: { ...quiet, ...part } });
  const until = quiet.until && Date.parse(quiet.until) > now ? quiet.until : null;
  return (
    <>
      <div className={styles.line}>
        <Button
          variant="default"
          aria-pressed={until !== null}
          onClick={() => change({ until: until ? null : new Date(serverNow() + HOUR_MS).toISOString() })}
        >
          {t(until ? "comfort.sounds.endQuiet" : "comfort.sounds.hour")}
        </Button>
        <p role="status">{until && t("comfort.sounds.until", { time: time(until, locale) })}</p>
      </div>
      <div className={styles.line}>
        <TextInput
          type="time"
          label={t("comfort.sounds.begins")}
          value={quiet.begins ?? ""}
          onChange={(event) => change({ begins: event.currentTarget.value || null })}
        />
        <TextInput
          type="time"
          label={t("comfort.sounds.ends")}
          value={quiet.ends ?? ""}
          onChange={(event) => change({ ends: event.currentTarget.value || null })}
        />
      </div>
      <Switch
        label={t("comfort.sounds.callsRing")}
        checked={quiet.calls_ring !== false}
        onChange={(event) => change({ calls_ring: event.currentTarget.checked })}
      />
      <Switch
        label={t("comfort.sounds.onCall")}
        checked={quiet.on_call === true}
        onChange={(event) => change({ on_call: event.currentTarget.checked })}
      />
    </>
  );
}

export default function SoundsPage() {
  const { t } = useTexts();
  useEffect(() => {
    document.title = `${t("comfort.sounds.title")} · Parlons`;
  }, [t]);
  const on = usePreference("sound") !== false;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className={styles.sheet} tabIndex={0} role="region" aria-label={t("comfort.sounds.title")}>
      <h1>{t("comfort.sounds.title")}</h1>
      <Switch label={t("me.sound")} checked={on} onChange={(event) => prefer({ sound: event.currentTarget.checked })} />
      <h2>{t("comfort.sounds.by")}</h2>
      {CHANNELS.map((each) => (
        <Channel key={each} channel={each} />
      ))}
      <h2>{t("comfort.sounds.quiet")}</h2>
      <p>{t("comfort.sounds.quietHelp")}</p>
      <Rules />
      <ThisDevice />
    </div>
  );
}
