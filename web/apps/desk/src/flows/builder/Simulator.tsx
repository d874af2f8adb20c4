/** Plays the draft: one presses and says what a customer would, and sees the way he takes. */
import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import { duration } from "@parlons/ui/format.ts";
import { PhoneOff, Play, RotateCcw, ShieldCheck, ShieldX, Timer, Undo2, UserCheck, UserX, VolumeX, Users } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { useTexts } from "../../i18n/index.ts";
import { Microphone, useHearing } from "./Microphone.tsx";
import styles from "./play.module.css";
import { PlayedLog } from "./PlayedLog.tsx";
import { PlaySetting } from "./PlaySetting.tsx";
import { back, canAct, does, firstStory, play, usePlaying, wrongCode } from "./playing.ts";
import { kindIn, stepsOf } from "./ports.ts";
import type { Act, Hearing } from "./server.ts";
import { useBuilder } from "./store.ts";
import { flowLanguage } from "./words.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SILENCE_S = 8;
const SKIP_S = 30;
const PAUSE_MS = 500;

export function Simulator() {
  const { t } = useTexts();
  const { acts, failed } = usePlaying();
  const played = useBuilder((state) => state.played);
  const flow = useBuilder((state) => state.draft.flow);
  const heardBy = useHearing();
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edit is played as it is made
  useEffect(() => {
    if (acts === null) return;
    const soon = setTimeout(() => void play(usePlaying.getState().acts), PAUSE_MS);
    return () => clearTimeout(soon);
  }, [flow]);
  const start = () => {
    const { story } = usePlaying.getState();
    void play([], acts === null && story.language === "en" ? { ...story, language: firstStory(flowLanguage(flow)).language } : story);
  };
  return (
    <section className={styles.play} aria-label={t("drawn.play")}>
      <div className={styles.top}>
        {played && (
          <span className={styles.clock} aria-hidden="true">
            <Timer size={14} /> {duration(played.seconds)}
          </span>
        )}
        <Tooltip label={t("drawn.playBack")}>
          <ActionIcon aria-label={t("drawn.playBack")} disabled={!acts?.length} onClick={() => void back()}>
            <Undo2 size={16} />
          </ActionIcon>
        </Tooltip>
        <Button size="compact-sm" variant={acts === null ? "filled" : "default"} leftSection={acts === null ? <Play size={14} /> : <RotateCcw size={14} />} onClick={start}>
          {t(acts === null ? "drawn.playStart" : "drawn.playAgain")}
        </Button>
      </div>
      {failed && <p className={styles.bad} role="alert">{t("drawn.playFailed", { cause: failed })}</p>}
      {acts === null ? (
        <>
          <p className={styles.quiet}>{t("drawn.playHelp")}</p>
          <PlaySetting />
        </>
      ) : (
        <>
          <PlayedLog />
          {canAct(played) && <Acts heardBy={heardBy} />}
          <Known />
          <PlaySetting />
        </>
      )}
    </section>
  );
}

function Acts({ heardBy }: { heardBy: Hearing | null }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const at = useBuilder((state) => state.played?.state.at);
  const voice = usePlaying((state) => state.story.channel === "voice");
  const code = usePlaying((state) => state.story.code);
  const proving = useBuilder(({ draft, played }) => at === "ask" && kindIn(stepsOf(draft.flow).get(played?.state.step ?? "")) === "one_time_code");
  const gives = (digits: string): Act => (voice ? { presses: digits } : { says: digits });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    void does({ says: text.trim() });
    setText("");
  };
  const side: [string, typeof Timer, Act, boolean][] = [
    [t("drawn.rightCode"), ShieldCheck, gives(code), proving],
    [t("drawn.wrongCode"), ShieldX, gives(wrongCode(code)), proving],
    [t("drawn.silent"), VolumeX, { waits: SILENCE_S }, true],
    [t("drawn.skip", { seconds: SKIP_S }), Timer, { waits: SKIP_S }, true],
    [t("drawn.answers"), UserCheck, { agent_answers: true }, at === "queue"],
    [t("drawn.nobodyFree"), UserX, { nobody_free: true }, at === "queue"],
    [t("drawn.queueFull"), Users, { queue_full: true }, at === "queue"],
    [t(voice ? "drawn.hangUp" : "drawn.leaveChat"), PhoneOff, { hangs_up: true }, true],
  ];
  return (
    <div className={styles.acts}>
      <form onSubmit={send} className={styles.say}>
        <TextInput label={t("drawn.say")} value={text} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" />
        <Button type="submit" variant="default">{t("drawn.send")}</Button>
      </form>
      {voice && heardBy && <Microphone by={heardBy} />}
      <div className={styles.keys}>
        <div role="group" aria-label={t("drawn.keypad")} className={styles.pad}>
          {KEYS.map((key) => (
            <Button key={key} variant="default" aria-label={t("drawn.key", { key })} onClick={() => void does({ presses: key })}>
              {key}
            </Button>
          ))}
        </div>
        <div className={styles.beside}>
          {side.map(([word, Icon, act, shown]) => shown && (
            <Button key={word} variant="subtle" size="compact-sm" leftSection={<Icon size={14} />} onClick={() => void does(act)}>
              {word}
            </Button>
          ))}
        </div>
      </div>
    </div>
  );
}

/** What the flow knows and what a person would be told. */
function Known() {
  const { t } = useTexts();
  const played = useBuilder((state) => state.played);
  if (!played) return null;
  const known = Object.entries(played.variables);
  return (
    <>
      <h4>{t("drawn.known")}</h4>
      {known.length === 0 && <p className={styles.quiet}>{t("drawn.nothingKnown")}</p>}
      <dl className={styles.known}>
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
      {played.told.length > 0 && (
        <>
          <h4>{t("drawn.told")}</h4>
          <dl className={styles.known}>
            {played.told.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
              <div key={index}>
                <dt>{one.label}</dt>
                <dd>{one.value || one.what}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}
