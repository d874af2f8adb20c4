/** Sound for a prompt: a WAV file of one's own, or what one says now. */
import { Button } from "@mantine/core";
import { duration } from "@parlons/ui/format.ts";
import { Mic, Square, Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { isSecure, openMicrophone } from "../phone/devices.ts";
import { listen } from "../phone/level.ts";
import styles from "./prompts.module.css";
import { asWav } from "./wav.ts";

const LONGEST_MS = 300_000;

interface Props {
  file: File | null;
  onFile: (file: File | null) => void;
}

type Trouble = "microphone" | "sound" | null;

/** Speaking into the microphone: begins and ends by hand, and ends by itself after five minutes. */
function useRecorder(onFile: Props["onFile"]) {
  const [since, setSince] = useState<number | null>(null);
  const [level, setLevel] = useState(0);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => () => stop.current(), []);
  const start = async () => {
    setTrouble(null);
    let stream: MediaStream;
    try {
      stream = await openMicrophone();
    } catch {
      return setTrouble("microphone");
    }
    const parts: Blob[] = [];
    const recorder = new MediaRecorder(stream);
    const quiet = listen(stream, setLevel);
    const late = setTimeout(() => stop.current(), LONGEST_MS);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      asWav(new Blob(parts, { type: recorder.mimeType }))
        .then(({ file }) => onFile(file))
        .catch(() => setTrouble("sound"));
    };
    stop.current = () => {
      stop.current = () => undefined;
      clearTimeout(late);
      if (recorder.state !== "inactive") recorder.stop();
      quiet();
      setSince(null);
    };
    // The clock shows what is recorded, not what was pressed: a microphone takes its time.
    recorder.onstart = () => setSince(Date.now());
    recorder.start(250);
  };
  return { since, level, trouble, start, stop: () => stop.current() };
}

export function Recorder({ file, onFile }: Props) {
  const { t } = useTexts();
  const chooser = useRef<HTMLInputElement>(null);
  const { since, level, trouble, start, stop } = useRecorder(onFile);
  const [, tick] = useState(0);
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => tick((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, [since]);
  return (
    <fieldset className={styles.sound}>
      <legend>{t("prompts.sound")}</legend>
      <div className={styles.row}>
        {since === null ? (
          <Button
            variant="default"
            leftSection={<Mic size={16} />}
            disabled={!isSecure()}
            onClick={() => void start()}
          >
            {t(file ? "prompts.again" : "prompts.record")}
          </Button>
        ) : (
          <Button leftSection={<Square size={14} />} onClick={stop} data-recording>
            {t("prompts.stop")}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<Upload size={16} />}
          disabled={since !== null}
          onClick={() => chooser.current?.click()}
        >
          {t("prompts.choose")}
        </Button>
        <input
          ref={chooser}
          type="file"
          accept=".wav,audio/wav,audio/x-wav"
          hidden
          aria-label={t("prompts.choose")}
          onChange={(event) => {
            onFile(event.currentTarget.files?.[0] ?? null);
            event.currentTarget.value = "";
          }}
        />
        {since !== null && (
          <span className={styles.live}>
            <span className="num">{duration(Math.floor((Date.now() - since) / 1000))}</span>
            <meter min={0} max={1} value={level} aria-label={t("phone.level")} />
          </span>
        )}
      </div>
      <p role="status">
        {trouble ? t(`prompts.trouble.${trouble}`) : file ? t("prompts.ready", { name: file.name }) : t("prompts.wav")}
      </p>
      {file && since === null && <Preview file={file} />}
    </fieldset>
  );
}

/** Heard before it is kept: played without an address, which the page's own policy would refuse. */
function Preview({ file }: { file: File }) {
  const { t } = useTexts();
  const [context, setContext] = useState<AudioContext | null>(null);
  useEffect(() => () => void context?.close(), [context]);
  const play = async () => {
    if (context) return setContext(null);
    const made = new AudioContext();
    setContext(made);
    try {
      const buffer = await made.decodeAudioData(await file.arrayBuffer());
      const source = new AudioBufferSourceNode(made, { buffer });
      source.connect(made.destination);
      source.onended = () => setContext(null);
      source.start();
    } catch {
      setContext(null);
    }
  };
  return (
    <Button size="compact-sm" variant="subtle" onClick={() => void play()}>
      {t(context ? "prompts.silence" : "prompts.listenFirst")}
    </Button>
  );
}
