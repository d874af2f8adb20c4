/** How steps end that reach beyond the flow, where the draft has such: a code, a message, a survey, a bot. */
import { NativeSelect, TextInput } from "@mantine/core";
import { useTexts } from "../../i18n/index.ts";
import { Raw } from "./FieldForm.tsx";
import styles from "./play.module.css";
import { usePlaying } from "./playing.ts";
import { kindIn, stepsOf } from "./ports.ts";
import type { Story } from "./server.ts";
import { useBuilder } from "./store.ts";
import { plain, same, type Value, valueOf } from "./value.ts";

const YES_NO = ["yes", "no"] as const;
const BOTS = ["silent", "asks", "done", "own"] as const;

export function PlayOutcomes({ set }: { set: (change: Partial<Story>) => void }) {
  const { t } = useTexts();
  const story = usePlaying((state) => state.story);
  const flow = useBuilder((state) => state.draft.flow);
  const kinds = new Set([...stepsOf(flow).values()].map(kindIn));
  const made: Record<(typeof BOTS)[number], unknown[]> = {
    silent: [],
    asks: [{ say: t("drawn.botAsks"), ask: "text" }, { say: t("drawn.botDone"), done: true }],
    done: [{ say: t("drawn.botDone"), done: true }],
    own: story.bot,
  };
  const bot = BOTS.find((word) => same(valueOf(made[word]), valueOf(story.bot))) ?? "own";
  return (
    <div className={styles.pair}>
      {kinds.has("one_time_code") && <TextInput label={t("drawn.playCode")} value={story.code} maxLength={32} onChange={(event) => set({ code: event.currentTarget.value })} />}
      {kinds.has("send") && (
        <NativeSelect label={t("drawn.playReached")} value={story.reached ? "yes" : "no"} data={YES_NO.map((value) => ({ value, label: t(`drawn.reached.${value}`) }))} onChange={(event) => set({ reached: event.currentTarget.value === "yes" })} />
      )}
      {kinds.has("survey") && (
        <NativeSelect label={t("drawn.playSurveyed")} value={story.surveyed ? "yes" : "no"} data={YES_NO.map((value) => ({ value, label: t(`drawn.surveyed.${value}`) }))} onChange={(event) => set({ surveyed: event.currentTarget.value === "yes" })} />
      )}
      {kinds.has("bot") && (
        <>
          <NativeSelect label={t("drawn.playBot")} value={bot} data={BOTS.map((value) => ({ value, label: t(`drawn.bots.${value}`), disabled: value === "own" }))} onChange={(event) => set({ bot: made[event.currentTarget.value as (typeof BOTS)[number]] })} />
          <Raw label={t("drawn.playBotSays")} value={story.bot.length ? valueOf(story.bot) : undefined} change={(value) => set({ bot: messages(value) })} />
        </>
      )}
    </div>
  );
}

const messages = (value: Value | undefined): unknown[] => (Array.isArray(value) ? (plain(value) as unknown[]) : []);
