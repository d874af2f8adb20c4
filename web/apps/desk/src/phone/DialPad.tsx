/** Whom to call: a colleague, a number typed or pressed; which number they see; calls that are parked. */
import { Button, NativeSelect } from "@mantine/core";
import { get } from "@parlons/client/http.ts";
import type { VoiceStatus } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { Phone } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import head from "../conversation/head.module.css";
import { type Option, Pick } from "../conversation/Pick.tsx";
import { secondsSince, useNow } from "../data/clock.ts";
import { go } from "../data/route.ts";
import { useTexts } from "../i18n/index.ts";
import { dial, pickUp } from "./acts.ts";
import { farNumber, parked } from "./calls.ts";
import styles from "./dial.module.css";
import { dialled, isDiallable, isEmergency, shown } from "./number.ts";
import { plainName, targetOf, useCallTargets, useTypedNumber } from "./targets.tsx";

function useStatus(): VoiceStatus | null {
  const [status, setStatus] = useState<VoiceStatus | null>(null);
  useEffect(() => {
    const leave = new AbortController();
    get<VoiceStatus>("/voice/status", leave.signal)
      .then(setStatus)
      .catch(() => undefined);
    return () => leave.abort();
  }, []);
  return status;
}

function Parked({ done }: { done: () => void }) {
  const { t } = useTexts();
  const now = useNow();
  const calls = useSnapshot((snapshot) => snapshot.calls);
  const list = useMemo(() => parked({ calls } as Parameters<typeof parked>[0]), [calls]);
  if (list.length === 0) return null;
  return (
    <section aria-label={t("call.parked")} className={styles.parked}>
      <h3>{t("call.parked")}</h3>
      <ul>
        {list.map((call) => (
          <li key={call.id}>
            <div>
              <strong>{call.customer_name || shown(farNumber(call)) || t("call.unknown")}</strong>
              <span className="num">
                {t("call.parkedFor", { time: duration(secondsSince(call.held_since ?? call.started_at, now)) })}
              </span>
            </div>
            <Button
              size="compact-md"
              variant="default"
              onClick={() => {
                done();
                void pickUp(call);
                if (call.conversation_id) go({ page: "desk", conversation: call.conversation_id });
              }}
            >
              {t("call.pickUp")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default function DialPad({ done }: { done: () => void }) {
  const { t } = useTexts();
  const status = useStatus();
  const [to, setTo] = useState<Option | null>(null);
  const [text, setText] = useState("");
  const [from, setFrom] = useState("");
  const options = useCallTargets(false);
  const typed = useTypedNumber();
  const pad = useRef<HTMLDivElement>(null);
  // The first time this part of the desk is fetched, later than the popover gives out the focus.
  useEffect(() => pad.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus({ preventScroll: true }), []);
  const emergency = isEmergency(text);
  const numbers = status?.numbers ?? [];
  const call = () => {
    const target = to ? targetOf(to, {}) : isDiallable(text) ? { number: dialled(text) } : null;
    if (!target) return;
    done();
    void dial(target, null, from || null);
  };
  return (
    <div className={head.pick} ref={pad}>
      <Pick
        label={t("call.dialNumber")}
        placeholder={t("call.dialPlaceholder")}
        none={text ? t("call.notANumber") : t("call.nobody")}
        options={text || options.length < 6 ? options : options.slice(0, 5)}
        typed={typed}
        chosen={to?.id ?? null}
        onType={(value) => {
          setText(value);
          setTo(null);
        }}
        onChoose={(option) => {
          setTo(option);
          setTimeout(() => document.querySelector<HTMLElement>("[data-call-next]")?.focus(), 0);
        }}
      />
      {emergency && (
        <p className={styles.emergency} role="alert" data-none={status?.emergency_route === false || undefined}>
          {t(status?.emergency_route === false ? "call.emergencyNone" : "call.emergencyOk")}
        </p>
      )}
      {numbers.length > 1 && (
        <NativeSelect
          label={t("call.callerId")}
          size="sm"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          data={[
            { value: "", label: t("call.callerAny") },
            ...numbers.map((each) => ({ value: each, label: shown(each) })),
          ]}
        />
      )}
      <Button leftSection={<Phone size={16} />} disabled={!to && !isDiallable(text)} data-call-next onClick={call}>
        {to ? t("call.callCustomer", { name: plainName(to) }) : t("call.callNow")}
      </Button>
      {status?.emergency_route === false && !emergency && <p className={styles.quietLine}>{t("call.emergencyNone")}</p>}
      <Parked done={done} />
    </div>
  );
}
