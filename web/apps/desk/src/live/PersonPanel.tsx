/** What a supervisor can do for one person: his state with the reason, his skills, help for a time, his work, his day. */
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { patch } from "@parlons/client/http.ts";
import type { Task, Worker } from "@parlons/client/types.ts";
import { putEvent, useSnapshot } from "@parlons/sync/store.ts";
import { useMemo, useState } from "react";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { choices } from "../data/select.ts";
import { useMay } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { shown } from "../phone/number.ts";
import { SuperviseCalls } from "../phone/SuperviseCall.tsx";
import { activityName } from "../shell/words.ts";
import { AssignMenu } from "./AssignMenu.tsx";
import { forceState } from "./acts.ts";
import { dragged } from "./dragging.ts";
import { ForATime } from "./ForATime.tsx";
import { type Person, skillsOf } from "./figures.ts";
import styles from "./live.module.css";
import look from "./people.module.css";
import { Today } from "./Today.tsx";
import { useSkills } from "./useFloor.ts";

/** Skills shown before one asks for all: his own and some others. */
const FEW = 12;

function State({ worker }: { worker: Worker }) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const [reason, setReason] = useState("");
  const options = choices(activities).map((each) => ({ value: each.id, label: activityName(each, t) }));
  const known = options.some((each) => each.value === worker.activity_id);
  const now = { value: worker.activity_id, label: activityName(activities[worker.activity_id], t), disabled: true };
  return (
    <div className={look.state}>
      <TextInput
        size="sm"
        label={t("floor.why")}
        placeholder={t("floor.whyHelp")}
        maxLength={300}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <NativeSelect
        label={t("people.state")}
        size="sm"
        value={worker.activity_id}
        data={known ? options : [...options, now]}
        onChange={(event) => {
          void forceState(worker, event.currentTarget.value, reason.trim());
          setReason("");
        }}
      />
    </div>
  );
}

function Skills({ worker }: { worker: Worker }) {
  const { t } = useTexts();
  const skills = useSkills();
  const [all, setAll] = useState(false);
  const own = skillsOf(worker);
  const shown = all ? skills : [...own, ...skills.filter((skill) => !own.includes(skill))].slice(0, Math.max(FEW, own.length)).sort();
  const toggle = (skill: string, on: boolean) => {
    const skills = on ? [...own, skill] : own.filter((each) => each !== skill);
    const show = (changed: Worker) => putEvent({ event: "local", seq: null, at: null, data: { worker: changed } });
    show({ ...worker, attributes: { ...worker.attributes, skills } });
    const change = patch(`/workers/${worker.id}/skills`, { skills: { [skill]: on } });
    void attempt(change).then((done) => done === undefined && show(worker));
  };
  return (
    <fieldset className={look.skills}>
      <legend>{t("people.skills")}</legend>
      {shown.map((skill) => (
        <Checkbox
          key={skill}
          size="xs"
          label={skill}
          checked={own.includes(skill)}
          onChange={(event) => toggle(skill, event.currentTarget.checked)}
        />
      ))}
      {shown.length < skills.length && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAll(true)}>
          {t("people.allSkills", { count: skills.length })}
        </Button>
      )}
    </fieldset>
  );
}

function Chat({ task, onChoosing }: { task: Task; onChoosing: (open: boolean) => void }) {
  const { t } = useTexts();
  const reads = useMay("read");
  const conversation = useSnapshot((snapshot) => snapshot.conversations[task.conversation_id ?? ""]);
  const name = conversation?.customer.name || shown(conversation?.customer.address ?? "") || task.title || t("offer.visitor");
  return (
    <li {...dragged(task, name)}>
      <span>{name}</span>
      {reads && task.conversation_id && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          onClick={() => go({ page: "desk", conversation: task.conversation_id })}
        >
          {t("live.read")}
        </Button>
      )}
      <AssignMenu task={task} name={name} onOpen={onChoosing} />
    </li>
  );
}

interface Props {
  person: Person;
  /** A menu of its own is open: the panel stays. */
  onChoosing: (open: boolean) => void;
}

export function PersonPanel({ person, onChoosing }: Props) {
  const { t } = useTexts();
  const { worker } = person;
  const [steers, plans, coaches] = [useMay("steer"), useMay("plan"), useMay("coach")];
  const tasks = useSnapshot((snapshot) => snapshot.tasks);
  const own = useMemo(() => Object.values(tasks).filter((task) => task.worker_id === worker.id), [tasks, worker.id]);
  return (
    <>
      <strong>{worker.name}</strong>
      {coaches && <SuperviseCalls workerId={worker.id} />}
      {steers && <State worker={worker} />}
      <div>
        <h3 className={look.sub}>{t("people.chats")}</h3>
        {own.length === 0 && <p className={styles.none}>{t("people.noChats")}</p>}
        <ul className={look.chats}>
          {own.map((task) => (
            <Chat key={task.id} task={task} onChoosing={onChoosing} />
          ))}
        </ul>
      </div>
      {plans && <ForATime worker={worker} />}
      {plans && <Skills worker={worker} />}
      <Today worker={worker} />
    </>
  );
}
