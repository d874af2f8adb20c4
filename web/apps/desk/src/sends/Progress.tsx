/** A begun send: where it stands, its steps, what came of it, and what did not arrive with the reason. */
import { Button } from "@mantine/core";
import { number, percent, time, when } from "@parlons/ui/format.ts";
import i18next, { type TFunction } from "i18next";
import { Pause, Play, RotateCcw, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce, toast } from "../data/ui.ts";
import { Bars } from "../drawing/Bars.tsx";
import { Strip } from "../drawing/Strip.tsx";
import { faultText } from "../conversation/wayWords.ts";
import { useTexts } from "../i18n/index.ts";
import { Frame } from "./Frame.tsx";
import { OUTCOMES, partsOf, shareOf } from "./parts.ts";
import { SendState } from "./SendState.tsx";
import styles from "./sends.module.css";
import { type Send, sendAgain, step, sum } from "./sends.ts";

interface Props {
  send: Send;
  put: (send: Send) => void;
  failed: string | null;
}

function Steps({ send, put }: Pick<Props, "send" | "put">) {
  const { t } = useTexts();
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const held = send.state === "paused";
  const take = async (what: "pause" | "resume" | "cancel") => {
    setBusy(true);
    const fresh = await attempt(step(send.id, what));
    setBusy(false);
    setLeaving(false);
    if (!fresh) return;
    put(fresh);
    announce(t(`sends.state.${fresh.state}`));
    requestAnimationFrame(() => first.current?.focus());
  };
  if (send.state === "done" || send.state === "cancelled") return null;
  const left = send.report.waiting + send.report.queued;
  return (
    <>
      <Button ref={first} variant={held ? "filled" : "default"} leftSection={held ? <Play size={16} /> : <Pause size={16} />} aria-disabled={busy} onClick={() => busy || void take(held ? "resume" : "pause")}>
        {t(held ? "sends.resume" : "sends.pause")}
      </Button>
      <Button variant="default" leftSection={<X size={16} />} aria-expanded={leaving} onClick={() => setLeaving(!leaving)}>
        {t("sends.cancel")}
      </Button>
      {leaving && (
        <span className={styles.ask} role="group" aria-label={t("sends.cancel")}>
          {t("sends.cancelEffect", { count: left, number: left })}
          <Button size="compact-md" color="red" onClick={() => void take("cancel")}>
            {t("sends.cancelDo")}
          </Button>
        </span>
      )}
    </>
  );
}

function Unsure({ send, put }: Pick<Props, "send" | "put">) {
  const { t } = useTexts();
  const many = send.report.unsure;
  const [busy, setBusy] = useState(false);
  if (many === 0) return null;
  const again = async () => {
    setBusy(true);
    const done = await attempt(sendAgain(send.id));
    setBusy(false);
    if (!done) return;
    toast(t("sends.unsureDone", { count: done.again, number: done.again }));
    put({ ...send, report: { ...send.report, unsure: many - done.again, queued: send.report.queued + done.again } });
  };
  return (
    <div className={styles.notice} data-tone="warn" role="group" aria-label={t("sends.part.unsure")}>
      <p>
        <strong>{t("sends.unsureTitle", { count: many, number: many })}</strong> {t("sends.unsureWhy")}
      </p>
      <Button variant="default" leftSection={<RotateCcw size={16} />} aria-disabled={busy} onClick={() => busy || void again()}>
        {t("sends.unsureAgain", { count: many, number: many })}
      </Button>
    </div>
  );
}

/** Ours by the code, else what the channels say. */
function reasonText(code: string, t: TFunction): string {
  const key = `sends.code.${code}`;
  return i18next.exists(key) ? t(key as "sends.code.erased") : faultText(code, t);
}

function Reasons({ title, counts }: { title: string; counts: Record<string, number> }) {
  const { t, locale } = useTexts();
  const all = sum(counts);
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (all === 0) return null;
  return (
    <Bars
      title={title}
      heads={[t("sends.reason"), t("sends.people")]}
      rows={rows.map(([code, many]) => ({ key: code, name: reasonText(code, t), said: number(many, locale), share: many / all, fill: "off" }))}
    />
  );
}

export function Progress({ send, put, failed }: Props) {
  const { t, locale } = useTexts();
  const { report: r } = send;
  const heard = useRef(send.state);
  useEffect(() => {
    if (heard.current !== send.state) announce(t(`sends.state.${send.state}`));
    heard.current = send.state;
  }, [send.state, t]);
  const figure = (value: number) => number(value, locale);
  const finding = t("sends.finding", { sent: figure(r.sent), all: figure(r.recipients), answered: figure(r.answered) });
  const begins = send.state === "scheduled" && send.starts_at ? `${when(send.starts_at, locale)}, ${time(send.starts_at, locale)}` : null;
  const words = Object.entries(send.texts);
  return (
    <Frame title={send.name} back state={<SendState send={send} />} acts={<Steps send={send} put={put} />} failed={failed}>
      {begins && <p className={styles.quiet}>{t("sends.begins", { at: begins })}</p>}
      {send.state === "running" && r.quiet > 0 && <p className={styles.quiet}>{t("sends.quiet", { count: r.quiet, number: figure(r.quiet) })}</p>}
      <Unsure send={send} put={put} />
      <section className={styles.drawn} aria-label={t("sends.report")}>
        <h2>{finding}</h2>
        <Strip parts={partsOf(send, t)} />
        <Bars
          title={t("sends.outcome")}
          heads={[t("sends.what"), t("sends.people"), t("sends.share")]}
          rows={[
            { key: "all", name: t("sends.part.planned"), said: figure(r.recipients), side: "", share: r.recipients ? 1 : null, fill: "soft" as const },
            ...OUTCOMES.map((each) => {
              const share = shareOf(r, each);
              return {
                key: each,
                name: t(`sends.came.${each}`),
                said: figure(r[each]),
                side: share === null ? "–" : percent(share, locale),
                share,
                fill: each === "unsubscribed" ? ("off" as const) : ("accent" as const),
              };
            }),
          ]}
        />
        <Reasons title={t("sends.whyFailed")} counts={r.failed} />
        <Reasons title={t("sends.whySkipped")} counts={r.skipped} />
      </section>
      <details className={styles.more}>
        <summary>{t("sends.texts")}</summary>
        {words.map(([language, one]) => (
          <blockquote key={language} lang={language}>
            {one.subject && <b>{one.subject}</b>}
            <p>{one.text}</p>
          </blockquote>
        ))}
      </details>
    </Frame>
  );
}
