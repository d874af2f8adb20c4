/** Sound for a prompt: a WAV file of one's own, or what one says now. */
import { Button } from "@mantine/core";
import { duration } from "@parlons/ui/format.ts";
import { Mic, Square, Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { isSecure } from "../phone/devices.ts";
import styles from "./prompts.module.css";
import { useRecorder } from "./recording.ts";

const LONGEST_MS = 300_000;

interface Props {
  file: File | null;
  onFile: (file: File | null) => void;
}

export function Recorder({ file, onFile }: Props) {
  const { t } = useTexts();
  const chooser = useRef<HTMLInputElement>(null);
  const { since, level, trouble, start, stop } = useRecorder(onFile, LONGEST_MS);
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
