/** The outcome, filled while talking if one likes; Finish closes. Its clock reminds and never cuts off. */
import { Button, Textarea } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { type KeyboardEvent, useState } from "react";
import { close, endContact } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { callOfConversation } from "../phone/calls.ts";
import { useKeptNote } from "./keptNote.ts";
import styles from "./parts.module.css";

const USUAL_SECONDS = 120;

/** What the queue gives after a call; over it counts up, and nothing is cut off. */
function CallClock({ until }: { until: string }) {
  const { t } = useTexts();
  const left = Math.ceil((Date.parse(until) - useNow()) / 1000);
  return (
    <p className={styles.wrapping} data-late={left < 0 || undefined}>
      <StateGlyph shape="wrap" />{" "}
      <b className="num">{t(left < 0 ? "wrapup.over" : "wrapup.left", { time: duration(Math.abs(left)) })}</b>
    </p>
  );
}

/** `since` null: it has begun, and when is on its way; the line stands there already, so that nothing below it moves. */
function Clock({ since }: { since: string | null }) {
  const { t } = useTexts();
  const now = useNow();
  const seconds = since ? secondsSince(since, now) : 0;
  return (
    <p className={styles.wrapping} data-late={seconds > USUAL_SECONDS || undefined}>
      <StateGlyph shape="wrap" /> {t("wrapup.since")} <b className="num">{duration(seconds)}</b>
    </p>
  );
}

export function WrapUp({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const [outcome, setOutcome] = useState<string | null>(full.disposition_id);
  const [note, setNote] = useKeptNote(full);
  const call = useSnapshot((snapshot) => callOfConversation(snapshot, full.id));
  const talking = call !== undefined && call.state !== "wrapping";
  const { items, required } = full.dispositions;
  const missing = required && !outcome;
  const name = customerName(full, t("offer.visitor"));
  const finish = () => {
    if (missing || talking) return;
    close(full.id, name, {
      ...(outcome ? { disposition_id: outcome } : {}),
      ...(note.trim() ? { note: note.trim() } : {}),
    });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    finish();
  };
  return (
    <form
      className={styles.section}
      data-wrapup
      onKeyDown={onKey}
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      {talking ? (
        <p className={styles.none}>{t("call.fillNow")}</p>
      ) : call?.wrap_until ? (
        <CallClock until={call.wrap_until} />
      ) : (
        (call || full.wrapup_since_at) && <Clock since={full.wrapup_since_at} />
      )}
      {items.length > 0 && (
        <fieldset className={styles.outcomes}>
          <legend>
            {t("wrapup.outcome")} {required && <span className={styles.required}>{t("wrapup.required")}</span>}
          </legend>
          {items.map((each) => (
            <label key={each.id}>
              <input
                type="radio"
                name="outcome"
                value={each.id}
                checked={outcome === each.id}
                onChange={() => setOutcome(each.id)}
              />
              {each.name[locale] ?? each.name.en ?? Object.values(each.name)[0]}
            </label>
          ))}
        </fieldset>
      )}
      <Textarea
        label={talking ? `${t("wrapup.note")}, ${t("call.noteKept")}` : t("wrapup.note")}
        minRows={3}
        value={note}
        maxLength={8000}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {missing && <p className={styles.none}>{t("wrapup.choose")}</p>}
      <div className={styles.finish}>
        <Button type="submit" disabled={missing || talking}>
          {t("wrapup.finish")}
        </Button>
        {!full.wrapup_since_at && !call && full.channel !== "voice" && (
          <Button variant="default" onClick={() => void endContact(full.id)}>
            {t("wrapup.endChat")}
          </Button>
        )}
      </div>
    </form>
  );
}
