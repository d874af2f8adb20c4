/**
 * A recording in the log: its waveform (customer above, adviser below), play, seek, speed. The sound's address is asked for
 * at the first play only: asking leaves a line in the audit.
 */
import { ActionIcon, Button } from "@mantine/core";
import { get, post } from "@parlons/client/http.ts";
import type { Peaks, Recording } from "@parlons/client/voice.ts";
import { day, duration, time } from "@parlons/ui/format.ts";
import { Pause, Play, Voicemail } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { cause } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import styles from "./recording.module.css";
import { bars } from "./waveform.ts";

const SPEEDS = [1, 1.25, 1.5, 2];
const COUNT = 120;

function usePeaks(recording: Recording): Peaks | null {
  const [peaks, setPeaks] = useState<Peaks | null>(null);
  useEffect(() => {
    const leave = new AbortController();
    get<Peaks>(`/recordings/${recording.id}/peaks`, leave.signal)
      .then(setPeaks)
      .catch(() => undefined);
    return () => leave.abort();
  }, [recording.id]);
  return peaks;
}

function Wave({ peaks, ms, gaps, share }: { peaks: Peaks | null; ms: number; gaps: Recording["gaps"]; share: number }) {
  const left = useMemo(() => bars(peaks?.left ?? [], COUNT), [peaks]);
  const right = useMemo(() => bars(peaks?.right ?? [], COUNT), [peaks]);
  return (
    <svg className={styles.wave} viewBox={`0 0 ${COUNT * 3} 48`} preserveAspectRatio="none" aria-hidden="true">
      {gaps.map(([from, to]) => (
        <rect
          key={from}
          className={styles.gap}
          x={(from / ms) * COUNT * 3}
          width={Math.max(2, ((to - from) / ms) * COUNT * 3)}
          y="0"
          height="48"
        />
      ))}
      {left.map((height, at) => (
        <g key={at} data-past={at / COUNT < share || undefined}>
          <rect className={styles.customer} x={at * 3} width="2" y={23 - height * 22} height={1 + height * 22} />
          <rect className={styles.adviser} x={at * 3} width="2" y={25} height={1 + (right[at] ?? 0) * 22} />
        </g>
      ))}
    </svg>
  );
}

/** The player's state, kept by the element itself. */
function usePlayer(recording: Recording) {
  const audio = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [error, setError] = useState("");
  useEffect(() => () => audio.current?.pause(), []);
  const element = async (): Promise<HTMLAudioElement> => {
    if (audio.current) return audio.current;
    const { url } = await post<{ url: string }>(`/recordings/${recording.id}/link`);
    const made = new Audio(new URL(url, location.href).pathname + new URL(url, location.href).search);
    made.ontimeupdate = () => setAt(made.currentTime * 1000);
    made.onplay = () => setPlaying(true);
    made.onpause = () => setPlaying(false);
    made.playbackRate = speed;
    made.currentTime = at / 1000;
    audio.current = made;
    return made;
  };
  const toggle = async () => {
    setError("");
    try {
      const found = await element();
      if (found.paused) await found.play();
      else found.pause();
    } catch (reason) {
      audio.current = null;
      setError(cause(reason));
    }
  };
  const seek = (ms: number) => {
    setAt(ms);
    if (audio.current) audio.current.currentTime = ms / 1000;
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]!;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  return { playing, at, speed, error, toggle, seek, faster };
}

export default function RecordingPlayer({ recording }: { recording: Recording }) {
  const { t, locale } = useTexts();
  const peaks = usePeaks(recording);
  const player = usePlayer(recording);
  const { ms, gaps } = recording;
  const name = t(recording.kind === "voicemail" ? "recording.voicemail" : "recording.call");
  const position = t("recording.at", { at: duration(player.at / 1000), all: duration(ms / 1000) });
  return (
    <section className={styles.player} aria-label={`${name}, ${time(recording.started_at, locale)}`}>
      <header>
        {recording.kind === "voicemail" && <Voicemail size={16} aria-hidden="true" />}
        <strong>{name}</strong>
        <span className="num">{duration(ms / 1000)}</span>
        {recording.retention_until && (
          <span className={styles.until}>{t("recording.until", { day: day(recording.retention_until, locale) })}</span>
        )}
      </header>
      <div className={styles.body}>
        <ActionIcon
          variant="filled"
          color="canard"
          size={36}
          radius="xl"
          aria-label={t(player.playing ? "recording.pause" : "recording.play")}
          onClick={() => void player.toggle()}
        >
          {player.playing ? <Pause size={18} /> : <Play size={18} />}
        </ActionIcon>
        <div className={styles.track}>
          <Wave peaks={peaks} ms={Math.max(1, ms)} gaps={gaps} share={player.at / Math.max(1, ms)} />
          <input
            type="range"
            min={0}
            max={ms}
            step={1000}
            value={player.at}
            aria-label={t("recording.seek")}
            aria-valuetext={position}
            onChange={(event) => player.seek(Number(event.currentTarget.value))}
          />
        </div>
      </div>
      <footer>
        <span className="num">{position}</span>
        {gaps.map(([from, to, why]) => (
          <span key={from} className={styles.missing}>
            {t(why === "paused" ? "recording.gapPaused" : "recording.gapDisk", { time: duration((to - from) / 1000) })}
          </span>
        ))}
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={player.faster}
          aria-label={`${t("recording.speed")}, ${player.speed}`}
        >
          {`${player.speed.toLocaleString(locale)}×`}
        </Button>
      </footer>
      {player.error && (
        <p className={styles.error} role="alert">
          {t("recording.failed", { cause: player.error })}
        </p>
      )}
    </section>
  );
}
