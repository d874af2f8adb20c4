/** Skills or capacity for a time: what stands, when it goes back, taking it back at once; and giving some more. */
import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import type { Move } from "@parlons/client/floor.ts";
import type { Worker } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { time } from "@parlons/ui/format.ts";
import { useState } from "react";
import { useTexts } from "../i18n/index.ts";
import { endMove, moveFor } from "./acts.ts";
import { skillsOf } from "./figures.ts";
import look from "./people.module.css";
import { useSkills } from "./useFloor.ts";
import { channelWord, givenText } from "./words.ts";

const MINUTES = [30, 60, 120, 240, 480];
/** Channels whose room is changed in a rush; the others are changed in the settings. */
const USUAL = ["chat", "voice", "email", "default"];
const NONE: Record<string, Move> = {};

function Standing({ move }: { move: Move }) {
  const { t, locale } = useTexts();
  const what = givenText(move.given, t);
  return (
    <li>
      <span>
        {t("floor.until", { what, time: time(move.until_at, locale) })}
        {move.by_name && <small> {t("floor.by", { name: move.by_name })}</small>}
      </span>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t("floor.takeBackOf", { what })}
        onClick={() => void endMove(move.id)}
      >
        {t("floor.takeBack")}
      </Button>
    </li>
  );
}

function Form({ worker }: { worker: Worker }) {
  const { t, locale } = useTexts();
  const skills = useSkills();
  const [skill, setSkill] = useState("");
  const [sizes, setSizes] = useState<Record<string, number>>({});
  const [minutes, setMinutes] = useState(60);
  const [reason, setReason] = useState("");
  const own = skillsOf(worker);
  const until = () => new Date(Date.now() + minutes * 60_000);
  const channels = Object.fromEntries(Object.entries(sizes).filter(([name, size]) => worker.channels[name]?.capacity !== size));
  const nothing = !skill && Object.keys(channels).length === 0;
  const give = async () => {
    const given = skill ? { [skill]: !own.includes(skill) } : {};
    if (!(await moveFor(worker, { skills: given, channels }, until(), reason.trim()))) return;
    setSkill("");
    setSizes({});
    setReason("");
  };
  const option = (name: string) => ({ value: name, label: own.includes(name) ? t("floor.without", { name }) : name });
  return (
    <form
      className={look.forATime}
      onSubmit={(event) => {
        event.preventDefault();
        void give();
      }}
    >
      <NativeSelect
        size="sm"
        label={t("floor.skill")}
        value={skill}
        data={[{ value: "", label: t("floor.noSkillChange") }, ...skills.map(option)]}
        onChange={(event) => setSkill(event.currentTarget.value)}
      />
      <div className={look.sizes}>
        {USUAL.filter((name) => (worker.channels[name]?.capacity ?? 0) > 0).map((name) => (
          <NumberInput
            key={name}
            size="sm"
            label={t("floor.atOnce", { channel: channelWord(name, t) })}
            min={0}
            max={100}
            allowDecimal={false}
            hideControls
            value={sizes[name] ?? worker.channels[name]?.capacity}
            onChange={(value) => typeof value === "number" && setSizes({ ...sizes, [name]: value })}
          />
        ))}
      </div>
      <NativeSelect
        size="sm"
        label={t("floor.howLong")}
        value={String(minutes)}
        data={MINUTES.map((each) => ({
          value: String(each),
          label: each < 60 ? t("floor.minutes", { count: each }) : t("floor.hours", { count: each / 60 }),
        }))}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      />
      <TextInput
        size="sm"
        label={t("floor.why")}
        maxLength={300}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button type="submit" size="compact-sm" disabled={nothing}>
        {t("floor.giveUntil", { time: time(until().toISOString(), locale) })}
      </Button>
    </form>
  );
}

export function ForATime({ worker }: { worker: Worker }) {
  const { t } = useTexts();
  const moves = useSnapshot((snapshot) => snapshot.moves ?? NONE);
  const own = Object.values(moves).filter((move) => move.worker_id === worker.id);
  return (
    <div>
      {own.length > 0 && (
        <>
          <h3 className={look.sub}>{t("floor.forATime")}</h3>
          <ul className={look.standing}>
            {own.map((move) => (
              <Standing key={move.id} move={move} />
            ))}
          </ul>
        </>
      )}
      <details className={look.more}>
        <summary>{t("floor.giveForATime")}</summary>
        <Form worker={worker} />
      </details>
    </div>
  );
}
