/** Who calls the simulator, and what the world answers him. */
import { NativeSelect, Switch, TextInput } from "@mantine/core";
import { useTexts } from "../../i18n/index.ts";
import { languageName } from "../../shell/words.ts";
import { Raw } from "./FieldForm.tsx";
import styles from "./play.module.css";
import { PlayOutcomes } from "./PlayOutcomes.tsx";
import { play, usePlaying } from "./playing.ts";
import { languagesOf } from "./ports.ts";
import type { Story } from "./server.ts";
import { useBuilder } from "./store.ts";
import { plain, valueOf } from "./value.ts";

const CHANNELS = ["voice", "webchat"] as const;
const HOURS = ["open", "closed", "holiday"] as const;
const DIALLED = ["answered", "busy", "no-answer", "refused"] as const;

export function PlaySetting() {
  const { t, locale } = useTexts();
  const { story, acts } = usePlaying();
  const joined = useBuilder((state) => languagesOf(state.draft.flow).join(" "));
  const languages = [...new Set([story.language, ...joined.split(" ")])];
  const set = (change: Partial<Story>) => {
    const next = { ...story, ...change };
    if (acts === null) usePlaying.setState({ story: next });
    else void play(acts, next);
  };
  const hours = story.open ? "open" : story.holiday ? "holiday" : "closed";
  return (
    <div className={styles.setting}>
      <div className={styles.pair}>
        <NativeSelect label={t("drawn.playChannel")} value={story.channel} data={CHANNELS.map((value) => ({ value, label: t(`drawn.channels.${value}`) }))} onChange={(event) => set({ channel: event.currentTarget.value })} />
        <NativeSelect label={t("drawn.playLanguage")} value={story.language} data={languages.map((value) => ({ value, label: languageName(value, locale) }))} onChange={(event) => set({ language: event.currentTarget.value })} />
        <NativeSelect
          label={t("drawn.playHours")}
          value={hours}
          data={HOURS.map((value) => ({ value, label: t(`drawn.hours.${value}`) }))}
          onChange={(event) => set({ open: event.currentTarget.value === "open", holiday: event.currentTarget.value === "holiday" })}
        />
        <NativeSelect label={t("drawn.playDialled")} value={story.dialled} data={DIALLED.map((value) => ({ value, label: t(`drawn.dialled.${value}`) }))} onChange={(event) => set({ dialled: event.currentTarget.value })} />
      </div>
      <PlayOutcomes set={set} />
      <details>
        <summary>{t("drawn.more")}</summary>
        <div className={styles.more}>
          <TextInput label={t("drawn.playNumber")} value={story.number ?? ""} disabled={story.number === null} onChange={(event) => set({ number: event.currentTarget.value })} />
          <Switch label={t("drawn.withheld")} checked={story.number === null} onChange={(event) => set({ number: event.currentTarget.checked ? null : "+33612345678" })} />
          <Raw label={t("drawn.playVariables")} value={valueOf(story.variables)} change={(value) => set({ variables: value === undefined ? {} : plain(value) })} />
          <Raw label={t("drawn.playCustomer")} value={story.customer === null ? undefined : valueOf(story.customer)} change={(value) => set({ customer: value === undefined ? null : plain(value) })} />
          <Raw label={t("drawn.playHttp")} value={valueOf(story.http)} change={(value) => set({ http: value === undefined ? {} : plain(value) })} />
        </div>
      </details>
    </div>
  );
}
