/** What was heard and said, and why each branch went its way. */
import { duration } from "@parlons/ui/format.ts";
import { Fragment } from "react";
import { useTexts } from "../../i18n/index.ts";
import styles from "./play.module.css";
import type { PlayEvent, Played } from "./server.ts";
import { useBuilder } from "./store.ts";
import { kindWord, quoted } from "./words.ts";

type Say = ReturnType<typeof useTexts>["t"];

export function PlayedLog() {
  const { t } = useTexts();
  const played = useBuilder((state) => state.played);
  if (!played) return null;
  const lines = played.events.flatMap((event, index) => lineOf(t, event, index));
  return (
    <div className={styles.log} role="log" aria-label={t("drawn.log")} tabIndex={0}>
      {lines.map(({ key, side, text, at, lang }) => (
        <Fragment key={key}>
          <span className={styles.at}>{side === "out" ? duration(at) : ""}</span>
          <p className={styles[side]} lang={lang}>{text}</p>
        </Fragment>
      ))}
      <p className={styles.state} data-over={played.ended !== null || undefined}>
        <i aria-hidden="true" />
        {stateOf(t, played)}
      </p>
    </div>
  );
}

interface Line {
  key: string;
  side: "out" | "in" | "aside";
  text: string;
  at: number;
  lang: string | undefined;
}

function lineOf(t: Say, event: PlayEvent, index: number): Line[] {
  const line = (side: Line["side"], text: string, lang?: string): Line[] => [{ key: String(index), side, text, at: event.seconds, lang }];
  if (event.event === "said" && event.text) return line("out", event.text, event.language);
  if (event.event === "contact") return line("in", acted(t, event));
  if (event.event === "branch") return line("aside", t("drawn.branchTook", { way: event.step ?? "", why: reason(t, event) }));
  if (event.event === "did") return line("aside", t("drawn.did", { kind: kindWord(event.kind ?? ""), value: brief(event) }));
  return [];
}

function acted(t: Say, { does, value }: PlayEvent): string {
  if (does === "presses") return t("drawn.presses", { value: String(value ?? "•••") });
  if (does === "waits") return t("drawn.silence", { value: typeof value === "number" ? duration(value) : String(value ?? "") });
  if (does === "says") return value === null || value === undefined ? t("drawn.saysSecret") : quoted(String(value));
  return t(`drawn.act.${does}` as "drawn.act.hangs_up", { defaultValue: String(does ?? "") });
}

function reason(t: Say, { cases = [] }: PlayEvent): string {
  const held = cases.find((each) => each.held);
  const told = cases.flatMap(({ values }) => Object.entries(values)).map(([name, value]) => t("drawn.valueOf", { name, value: typeof value === "string" ? value : JSON.stringify(value ?? null) }));
  return [held ? t("drawn.held", { when: held.when }) : t("drawn.noneHeld"), ...new Set(told)].join(" · ");
}

function brief({ data = {}, result = {} }: PlayEvent): string {
  const fact = data.url ?? data.number ?? data.hours ?? data.queue ?? data.by ?? "";
  const came = result.status ?? (typeof result.open === "boolean" ? result.open : undefined) ?? result.found ?? result.why ?? "";
  return [fact, came].filter((each) => each !== "" && each !== null && each !== undefined).map(String).join(" · ");
}

function stateOf(t: Say, played: Played): string {
  if (!played.begun) return t("drawn.unbegun");
  if (played.cut) return t("drawn.cut");
  if (played.ended !== null) {
    const why = t(`drawn.endWord.${played.ended}` as "drawn.endWord.end", { defaultValue: played.ended });
    return t(played.falls ? "drawn.overFalls" : "drawn.over", { why });
  }
  if (played.state.at === "queue") return played.state.queue ? t("drawn.waitsQueue", { queue: played.state.queue }) : t("drawn.waitsQueueAny");
  return t(played.state.at === "take_message" ? "drawn.waitsMessage" : "drawn.waitsAsk");
}
