/** What the caller says, said by the one who plays him. Where it cannot be understood, the reason stands instead. */
import { Button } from "@mantine/core";
import { Mic, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cause } from "../../data/actions.ts";
import { useTexts } from "../../i18n/index.ts";
import { isSecure } from "../../phone/devices.ts";
import { useRecorder } from "../../prompts/recording.ts";
import styles from "./play.module.css";
import { does, usePlaying } from "./playing.ts";
import { type Hearing, hearing, transcribe } from "./server.ts";
import { useBuilder } from "./store.ts";

type Heard = { state: "idle" | "busy" | "nothing" } | { state: "failed"; why: string };

/** Null while it is not known. */
export function useHearing(): Hearing | null {
  const [known, setKnown] = useState<Hearing | null>(null);
  useEffect(() => void hearing().then(setKnown, () => undefined), []);
  return known;
}

export function Microphone({ by }: { by: Hearing }) {
  const { t } = useTexts();
  const language = usePlaying((state) => state.story.language);
  const why = !by.provider ? "nobody" : !by.languages.includes(language) ? "language" : !isSecure() ? "insecure" : null;
  if (why) return <p className={styles.quiet}>{t(`drawn.mic.${why}`)}</p>;
  return <Speaking by={by} language={language} />;
}

function Speaking({ by, language }: { by: Hearing; language: string }) {
  const { t } = useTexts();
  const [heard, setHeard] = useState<Heard>({ state: "idle" });
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const understand = async (file: File) => {
    if (!here.current) return;
    setHeard({ state: "busy" });
    const hints = useBuilder.getState().played?.state.choices.map(({ label }) => label) ?? [];
    try {
      const { text } = await transcribe(file, language, hints);
      if (!here.current) return;
      setHeard({ state: text ? "idle" : "nothing" });
      if (text) await does({ says: text });
    } catch (error) {
      if (here.current) setHeard({ state: "failed", why: cause(error) });
    }
  };
  const { since, level, trouble, start, stop } = useRecorder((file) => void understand(file), by.longest_seconds * 1000);
  const busy = heard.state === "busy";
  const press = () => {
    if (busy) return;
    if (since !== null) return stop();
    setHeard({ state: "idle" });
    void start();
  };
  const told = trouble
    ? t(`drawn.mic.trouble.${trouble}`)
    : heard.state === "failed"
      ? t("drawn.mic.failed", { cause: heard.why })
      : heard.state === "nothing"
        ? t("drawn.mic.nothing")
        : "";
  return (
    <div className={styles.mic}>
      <Button
        variant={since === null ? "default" : "filled"}
        size="compact-sm"
        leftSection={since === null ? <Mic size={14} /> : <Square size={12} />}
        aria-disabled={busy}
        data-recording={since !== null || undefined}
        onClick={press}
      >
        {t(busy ? "drawn.mic.busy" : since === null ? "drawn.mic.speak" : "drawn.mic.stop")}
      </Button>
      {since !== null && <meter min={0} max={1} value={level} aria-label={t("phone.level")} />}
      <p role="status">{told}</p>
      <p className={styles.quiet}>{t(by.local ? "drawn.mic.here" : "drawn.mic.elsewhere", { provider: by.provider })}</p>
    </div>
  );
}
