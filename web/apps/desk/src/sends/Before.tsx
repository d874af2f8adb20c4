/** Before a send leaves: to how many, how it reads for each of them, one to oneself, and the button with its exact effect. */
import { ActionIcon, Button, FileButton, TextInput } from "@mantine/core";
import { number, time, when } from "@parlons/ui/format.ts";
import { ChevronLeft, ChevronRight, Send as SendIcon, Upload } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { attempt, cause } from "../data/actions.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { languageName } from "../shell/words.ts";
import styles from "./sends.module.css";
import { type Account, type Sample, type Send, sampleOf, step, sum, trialOf, upload } from "./sends.ts";
import { get } from "@parlons/client/http.ts";

interface Props {
  send: Send;
  put: (send: Send) => void;
  account: Account | undefined;
}

function List({ send, done }: { send: Send; done: () => void }) {
  const { t, locale } = useTexts();
  const [said, setSaid] = useState("");
  const take = async (file: File | null) => {
    if (!file) return;
    const found = await attempt(upload(send.id, await file.text()));
    if (!found) return;
    const text = [
      t("sends.list.added", { count: found.added, number: number(found.added, locale) }),
      found.unusable > 0 && t("sends.list.unusable", { count: found.unusable, number: number(found.unusable, locale), lines: found.unusable_places.slice(0, 10).join(", ") }),
    ]
      .filter(Boolean)
      .join(" ");
    setSaid(text);
    announce(text);
    done();
  };
  return (
    <div className={styles.inner}>
      <p className={styles.quiet}>{t("sends.list.help")}</p>
      <FileButton accept=".csv,text/csv" onChange={(file) => void take(file)} inputProps={{ "aria-label": t("sends.list.choose"), tabIndex: -1 }}>
        {(props) => (
          <Button {...props} variant="default" leftSection={<Upload size={16} />}>
            {t("sends.list.choose")}
          </Button>
        )}
      </FileButton>
      {said && <p>{said}</p>}
    </div>
  );
}

function Preview({ send, many }: { send: Send; many: number }) {
  const { t, locale } = useTexts();
  const [place, setPlace] = useState(0);
  const [sample, setSample] = useState<Sample | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    let current = true;
    sampleOf(send.id, place)
      .then((found) => {
        if (!current) return;
        setSample(found);
        setFailed("");
      })
      .catch((error: unknown) => current && setFailed(cause(error)));
    return () => {
      current = false;
    };
  }, [send.id, place]);
  const last = Math.min(many, 1000) - 1;
  return (
    <section className={styles.preview} aria-label={t("sends.preview")}>
      <div className={styles.turn}>
        <h3>{t("sends.preview")}</h3>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("sends.previous")} aria-disabled={place === 0} onClick={() => setPlace(Math.max(0, place - 1))}>
          <ChevronLeft size={16} />
        </ActionIcon>
        <span className="num">{t("sends.placeOf", { place: number(place + 1, locale), all: number(many, locale) })}</span>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("sends.next")} aria-disabled={place >= last} onClick={() => setPlace(Math.min(last, place + 1))}>
          <ChevronRight size={16} />
        </ActionIcon>
      </div>
      {failed ? (
        <p className={styles.bad}>{failed}</p>
      ) : (
        sample && (
          <>
            <p className={styles.quiet}>
              {[sample.name, sample.to, languageName(sample.language, locale)].filter(Boolean).join(" · ")}
            </p>
            <blockquote lang={sample.language}>
              {sample.subject && <b>{sample.subject}</b>}
              <p>{sample.text}</p>
            </blockquote>
          </>
        )
      )}
    </section>
  );
}

function Trial({ send }: { send: Send }) {
  const { t, locale } = useTexts();
  const [address, setAddress] = useState("");
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !address.trim()) return;
    setBusy(true);
    try {
      await trialOf(send.id, address.trim(), locale in send.texts ? locale : null);
      toast(t("sends.trialSent", { address: address.trim() }));
    } catch (error) {
      setTrouble(cause(error));
      announce(cause(error), true);
    }
    setBusy(false);
  };
  return (
    <form className={styles.trial} onSubmit={go}>
      <TextInput
        label={t("sends.trial")}
        description={t("sends.trialHelp")}
        value={address}
        error={trouble}
        onChange={(event) => {
          setTrouble("");
          setAddress(event.currentTarget.value);
        }}
      />
      <Button type="submit" variant="default" aria-disabled={busy}>
        {t("sends.trialDo")}
      </Button>
    </form>
  );
}

export function Before({ send, put, account }: Props) {
  const { t, locale } = useTexts();
  const [busy, setBusy] = useState(false);
  const [audience, setAudience] = useState<Send["audience"] | null>(null);
  const count = () => attempt(get<Send>(`/sends/${send.id}`)).then((found) => found && setAudience(found.audience));
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted anew for each version that was kept
  useEffect(() => void count(), [send.id, send.version]);
  const silent = audience ? sum(audience.skipped) : 0;
  const many = (audience?.recipients ?? 0) - silent;
  const by = `${t(`channelName.${send.channel}` as "channelName.sms", { defaultValue: send.channel })} (${account?.address || account?.key || ""})`;
  const values = { count: many, number: number(many, locale), by };
  const at = send.starts_at && Date.parse(send.starts_at) > Date.now() ? `${when(send.starts_at, locale)}, ${time(send.starts_at, locale)}` : null;
  const start = async () => {
    if (busy || many === 0) return;
    setBusy(true);
    const begun = await attempt(step(send.id, "start"));
    setBusy(false);
    if (!begun) return;
    announce(t(`sends.state.${begun.state}`));
    put(begun);
  };
  return (
    <section className={styles.before} aria-label={t("sends.before")}>
      <h2>{t("sends.before")}</h2>
      {send.segment === null && <List send={send} done={() => void count()} />}
      {audience && (
        <p>
          {many > 0 ? t("sends.goesTo", values) : t("sends.goesToNobody")}{" "}
          {silent > 0 && <span className={styles.quiet}>{t("sends.silent", { count: silent, number: number(silent, locale) })}</span>}
        </p>
      )}
      {many > 0 && <Preview key={`${send.version}-${many}`} send={send} many={many + silent} />}
      {many > 0 && <Trial send={send} />}
      {many > 0 && (
        <div className={styles.start}>
          <p>{t(at ? "sends.startsAt" : "sends.startsNow", { ...values, at: at ?? "" })}</p>
          <Button leftSection={<SendIcon size={16} />} aria-disabled={busy} onClick={() => void start()}>
            {t(at ? "sends.plan" : "sends.start", values)}
          </Button>
        </div>
      )}
    </section>
  );
}
