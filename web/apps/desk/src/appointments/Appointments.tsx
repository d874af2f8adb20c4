/** His appointments beside the conversation: booked from the free times, moved, cancelled, settled; and the link to his page. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { ConversationFull } from "@parlons/client/types.ts";
import { CalendarDays, Link as LinkIcon } from "lucide-react";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import styles from "../context/parts.module.css";
import { attempt } from "../data/actions.ts";
import { announce, toast, undoable, useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import {
  type Appointment,
  appointmentsOf,
  book,
  byDay,
  cancel,
  dayIn,
  freeSlots,
  move,
  sendPage,
  settleAs,
  type Slots,
  takes,
  timeIn,
} from "./appointments.ts";

const UNDO_S = 10;

/** The free times, and what is chosen of them; `moved`: an appointment that goes elsewhere. */
function Choose({ firmId, moved, onChoose }: {
  firmId: string;
  moved: Appointment | null;
  onChoose: (startsAt: string, about: string) => void;
}) {
  const { t, locale } = useTexts();
  const [slots, setSlots] = useState<Slots | null>(null);
  const [at, setAt] = useState("");
  const [about, setAbout] = useState("");
  const field = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    const leave = new AbortController();
    void attempt(freeSlots(firmId, moved?.id ?? null, leave.signal)).then((found) => {
      if (!found || leave.signal.aborted) return;
      setSlots({ ...found, items: found.items.filter((each) => each.starts_at !== moved?.starts_at) });
    });
    return () => leave.abort();
  }, [firmId, moved]);
  useEffect(() => field.current?.focus(), [slots]);
  if (!slots) return null;
  if (slots.items.length === 0) return <p className={styles.none}>{t("appointments.noneFree")}</p>;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (at) onChoose(at, about);
  };
  return (
    <form onSubmit={send} className={styles.merges}>
      <NativeSelect
        ref={field}
        size="xs"
        label={t(moved ? "appointments.to" : "appointments.free")}
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
        data={[{ value: "", label: t("appointments.choose") }, ...byDay(slots, locale)]}
      />
      {!moved && (
        <TextInput
          size="xs"
          label={t("appointments.about")}
          value={about}
          maxLength={500}
          onChange={(event) => setAbout(event.currentTarget.value)}
        />
      )}
      <Button size="compact-sm" type="submit" disabled={!at}>
        {t(moved ? "appointments.moveIt" : "appointments.bookIt")}
      </Button>
    </form>
  );
}

function Line({ one, onMove, onCancel, onSettle }: {
  one: Appointment;
  onMove: () => void;
  onCancel: () => void;
  onSettle: (state: "kept" | "missed") => void;
}) {
  const { t, locale } = useTexts();
  const when = `${dayIn(one.starts_at, one.zone, locale)}, ${timeIn(one.starts_at, one.zone, locale)}`;
  const act = (label: string, run: () => void) => (
    <Button size="compact-sm" variant="default" aria-label={t("appointments.actOf", { act: label, when })} onClick={run}>
      {label}
    </Button>
  );
  const over = Date.parse(one.starts_at) <= Date.now();
  return (
    <li>
      <span>
        <b className="num">{when}</b>
        {one.about && <small> {one.about}</small>}
      </span>
      <span>
        {over ? act(t("appointments.kept"), () => onSettle("kept")) : act(t("appointments.move"), onMove)}{" "}
        {over ? act(t("appointments.missed"), () => onSettle("missed")) : act(t("appointments.cancel"), onCancel)}
      </span>
    </li>
  );
}

/** What is shown of a customer, and read again after each act; none while it is not known. */
function useAppointments(full: ConversationFull) {
  const [known, setKnown] = useState<Appointment[]>([]);
  const [offered, setOffered] = useState(false);
  const load = useCallback(
    (signal?: AbortSignal) =>
      Promise.all([appointmentsOf(full.customer.id, signal), takes(full.firm_id, signal)])
        .then(([items, taken]) => {
          setKnown(items);
          setOffered(taken);
        })
        .catch(() => undefined),
    [full.customer.id, full.firm_id],
  );
  useEffect(() => {
    const leave = new AbortController();
    void load(leave.signal);
    return () => leave.abort();
  }, [load]);
  return { known, offered, load };
}

export function Appointments({ full }: { full: ConversationFull }) {
  const { t, locale } = useTexts();
  const { known, offered, load } = useAppointments(full);
  const [choosing, setChoosing] = useState<Appointment | "new" | null>(null);
  const [going, setGoing] = useState<string | null>(null);
  const told = (one: Appointment) => ({
    when: `${dayIn(one.starts_at, one.zone, locale)}, ${timeIn(one.starts_at, one.zone, locale)}`,
  });
  const done = (text: string, undo?: () => Promise<unknown>) => {
    setChoosing(null);
    announce(text);
    const back = () => {
      useUi.setState({ toast: null });
      void attempt(undo!()).then(() => load());
    };
    toast(text, undo ? { undo: back } : {}, UNDO_S);
    void load();
  };
  const chosen = async (startsAt: string, about: string) => {
    const before = choosing === "new" ? null : choosing;
    const made = await attempt(before ? move(before.id, startsAt) : book(full.customer.id, startsAt, about));
    if (!made) return;
    if (before) done(t("appointments.moved", told(made)), () => move(made.id, before.starts_at));
    else done(t("appointments.booked", told(made)), () => cancel(made.id));
  };
  const cancelled = (one: Appointment) => {
    setGoing(one.id);
    const over = () => setGoing(null);
    undoable(t("appointments.cancelled", told(one)), () => void attempt(cancel(one.id)).then(() => load()).then(over), over);
  };
  const settled = async (one: Appointment, state: "kept" | "missed") => {
    if (await attempt(settleAs(one.id, state))) done(t(`appointments.said.${state}`));
  };
  const sends = () => undoable(t("appointments.leaves"), () => void attempt(sendPage(full.id)), () => undefined);
  const shown = known.filter((each) => each.id !== going);
  return (
    <section className={styles.section} aria-label={t("appointments.title")}>
      {(offered || shown.length > 0) && <h3 className={styles.sub}>{t("appointments.title")}</h3>}
      {shown.length > 0 && (
        <ul className={styles.merges}>
          {shown.map((one) => (
            <Line
              key={one.id}
              one={one}
              onMove={() => setChoosing(one)}
              onCancel={() => cancelled(one)}
              onSettle={(state) => void settled(one, state)}
            />
          ))}
        </ul>
      )}
      {offered && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<CalendarDays size={14} />}
          aria-expanded={choosing === "new"}
          onClick={() => setChoosing(choosing === "new" ? null : "new")}
        >
          {t("appointments.book")}
        </Button>
      )}
      {choosing && (
        <Choose
          key={choosing === "new" ? "new" : choosing.id}
          firmId={full.firm_id}
          moved={choosing === "new" ? null : choosing}
          onChoose={(startsAt, about) => void chosen(startsAt, about)}
        />
      )}
      <Button size="compact-sm" variant="default" leftSection={<LinkIcon size={14} />} onClick={sends}>
        {t("appointments.sendPage")}
      </Button>
    </section>
  );
}
