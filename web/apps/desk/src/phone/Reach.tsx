/** Where calls reach me: browser, desk phone, an outside number; in order, each for its seconds. Moved by buttons. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { get, put } from "@parlons/client/http.ts";
import type { ContactAddress, VoiceStatus } from "@parlons/client/voice.ts";
import { ArrowDown, ArrowUp, Headset, Phone, Plus, Smartphone, X } from "lucide-react";
import { useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { announce, toast } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { changed, missing, moved, seconds, without } from "./addresses.ts";
import { dialled, isDiallable, shown } from "./number.ts";
import styles from "./phone.module.css";

const ICON = { browser: Headset, phone: Phone, number: Smartphone };

interface Asked {
  list: ContactAddress[] | null;
  /** Of the desk phone; null: this person has none. */
  username: string | null;
  registered: boolean;
}

interface Addresses {
  addresses: ContactAddress[];
  phone_username: string | null;
}

function useAsked(): [Asked, (list: ContactAddress[]) => void] {
  const [asked, setAsked] = useState<Asked>({ list: null, username: null, registered: false });
  useEffect(() => {
    const leave = new AbortController();
    void (async () => {
      const found = await get<Addresses>("/voice/contact_addresses", leave.signal).catch(() => null);
      if (!found) return;
      setAsked({ list: found.addresses, username: found.phone_username, registered: false });
      const status = await get<VoiceStatus>("/voice/status", leave.signal).catch(() => null);
      const registered = found.phone_username !== null && (status?.phones ?? []).includes(found.phone_username);
      setAsked((before) => ({ ...before, registered }));
    })();
    return () => leave.abort();
  }, []);
  return [asked, (list) => setAsked((before) => ({ ...before, list }))];
}

interface LineProps {
  each: ContactAddress;
  at: number;
  list: ContactAddress[];
  registered: boolean;
  set: (list: ContactAddress[]) => void;
}

function Line({ each, at, list, registered, set }: LineProps) {
  const { t } = useTexts();
  const Icon = ICON[each.kind];
  const kind = t(
    each.kind === "browser" ? "phone.browser" : each.kind === "phone" ? "phone.deskPhone" : "phone.outside",
  );
  const name = each.kind === "number" ? shown(each.number ?? "") : kind;
  return (
    <li>
      <Icon size={16} aria-hidden="true" />
      <div>
        <strong className="num">{name}</strong>
        {each.kind === "phone" && <small>{t(registered ? "phone.registered" : "phone.notRegistered")}</small>}
      </div>
      <TextInput
        size="sm"
        type="number"
        min={5}
        max={120}
        className={styles.seconds}
        aria-label={`${name}: ${t("phone.ringSeconds")}`}
        rightSection={<span aria-hidden="true">s</span>}
        defaultValue={each.ring_seconds}
        onBlur={(event) => set(changed(list, at, { ring_seconds: seconds(event.currentTarget.value) }))}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        disabled={at === 0}
        aria-label={t("phone.up", { name })}
        onClick={() => set(moved(list, at, -1))}
      >
        <ArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        disabled={at === list.length - 1}
        aria-label={t("phone.down", { name })}
        onClick={() => set(moved(list, at, 1))}
      >
        <ArrowDown size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        aria-label={t("phone.remove", { name })}
        onClick={() => set(without(list, at))}
      >
        <X size={16} />
      </ActionIcon>
    </li>
  );
}

export function Reach() {
  const { t } = useTexts();
  const [{ list, username, registered }, set] = useAsked();
  const [number, setNumber] = useState("");
  const [dirty, setDirty] = useState(false);
  if (!list) return null;
  const change = (next: ContactAddress[]) => {
    set(next);
    setDirty(true);
  };
  const more = (kind: ContactAddress["kind"], to: string | null = null) =>
    change([...list, { kind, number: to, ring_seconds: 20 }]);
  const save = async () => {
    const done = await attempt(put("/voice/contact_addresses", { addresses: list }));
    if (done === undefined) return;
    setDirty(false);
    toast(t("phone.saved"));
    announce(t("phone.saved"));
  };
  const addNumber = () => {
    if (!isDiallable(number)) return;
    more("number", dialled(number));
    setNumber("");
  };
  return (
    <section aria-label={t("phone.reach")}>
      <h2>{t("phone.reach")}</h2>
      <p className={styles.intro}>{t("phone.reachHelp")}</p>
      {list.length === 0 && <p className={styles.intro}>{t("phone.reachNone")}</p>}
      <ol className={styles.reach}>
        {list.map((each, at) => (
          <Line key={each.kind + each.number} each={each} at={at} list={list} registered={registered} set={change} />
        ))}
      </ol>
      <div className={styles.row}>
        {missing(list, username !== null).map((kind) => (
          <Button key={kind} variant="default" leftSection={<Plus size={16} />} onClick={() => more(kind)}>
            {t(kind === "browser" ? "phone.addBrowser" : "phone.addPhone")}
          </Button>
        ))}
        <TextInput
          label={t("phone.outsideNumber")}
          size="sm"
          type="tel"
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && addNumber()}
        />
        <Button variant="default" disabled={!isDiallable(number)} onClick={addNumber}>
          {t("phone.addNumber")}
        </Button>
      </div>
      <div className={styles.row} style={{ marginTop: 16 }}>
        <Button disabled={!dirty} onClick={() => void save()}>
          {t("phone.save")}
        </Button>
      </div>
    </section>
  );
}
