/** One person: shape, name, what he does, time in state; opens his state, skills and chats. */
import { Button, Checkbox, NativeSelect, Popover, UnstyledButton } from "@mantine/core";
import { patch } from "@parlons/client/http.ts";
import type { Task, Worker } from "@parlons/client/types.ts";
import { putEvent, useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { useState } from "react";
import { attempt, setActivity } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { go } from "../data/route.ts";
import { choices, inHand } from "../data/select.ts";
import { useTexts } from "../i18n/index.ts";
import { SuperviseCalls } from "../phone/SuperviseCall.tsx";
import { activityName } from "../shell/words.ts";
import { AssignMenu } from "./AssignMenu.tsx";
import { allSkills, type Person, skillsOf } from "./figures.ts";
import styles from "./live.module.css";
import look from "./people.module.css";

const LONG: Partial<Record<Person["shape"], number>> = {
  missed: 0,
  wrap: 180,
  lost: 60,
  break: 1800,
};

function Skills({ worker }: { worker: Worker }) {
  const { t } = useTexts();
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const own = skillsOf(worker);
  const toggle = (skill: string, on: boolean) => {
    const skills = on ? [...own, skill] : own.filter((each) => each !== skill);
    const attributes = { ...worker.attributes, skills };
    const show = (shown: Worker) => putEvent({ event: "local", seq: null, at: null, data: { worker: shown } });
    show({ ...worker, attributes });
    void attempt(patch(`/workers/${worker.id}`, { attributes })).then((done) => done === undefined && show(worker));
  };
  return (
    <fieldset className={look.skills}>
      <legend>{t("people.skills")}</legend>
      {allSkills(workers).map((skill) => (
        <Checkbox
          key={skill}
          size="xs"
          label={skill}
          checked={own.includes(skill)}
          onChange={(event) => toggle(skill, event.currentTarget.checked)}
        />
      ))}
    </fieldset>
  );
}

function Chat({ task, onAssigning }: { task: Task; onAssigning: (open: boolean) => void }) {
  const { t } = useTexts();
  const conversation = useSnapshot((snapshot) => snapshot.conversations[task.conversation_id ?? ""]);
  const name = conversation?.customer.name || conversation?.customer.address || task.title || t("offer.visitor");
  return (
    <li>
      <span>{name}</span>
      {task.conversation_id && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          onClick={() => go({ page: "desk", conversation: task.conversation_id })}
        >
          {t("live.read")}
        </Button>
      )}
      <AssignMenu taskId={task.id} name={name} onOpen={onAssigning} />
    </li>
  );
}

interface PanelProps {
  person: Person;
  tasks: Task[];
  onAssigning: (open: boolean) => void;
}

function Panel({ person, tasks, onAssigning }: PanelProps) {
  const { t } = useTexts();
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const { worker } = person;
  return (
    <>
      <strong>{worker.name}</strong>
      <SuperviseCalls workerId={worker.id} />
      <NativeSelect
        label={t("people.state")}
        size="sm"
        value={worker.activity_id}
        data={[
          ...choices(activities).map((each) => ({
            value: each.id,
            label: activityName(each, t),
          })),
          ...(choices(activities).some((each) => each.id === worker.activity_id)
            ? []
            : [
                {
                  value: worker.activity_id,
                  label: activityName(activities[worker.activity_id], t),
                  disabled: true,
                },
              ]),
        ]}
        onChange={(event) => void setActivity(worker.id, event.currentTarget.value)}
      />
      <Skills worker={worker} />
      <div>
        <h3 className={look.sub}>{t("people.chats")}</h3>
        {tasks.length === 0 && <p className={styles.none}>{t("people.noChats")}</p>}
        <ul className={look.chats}>
          {tasks.map((task) => (
            <Chat key={task.id} task={task} onAssigning={onAssigning} />
          ))}
        </ul>
      </div>
    </>
  );
}

export function PersonCell({ person, tasks }: { person: Person; tasks: Record<string, Task> }) {
  const { t } = useTexts();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const activity = useSnapshot((snapshot) => snapshot.activities[person.worker.activity_id]);
  const { worker, shape } = person;
  const own = Object.values(tasks).filter((task) => task.worker_id === worker.id);
  const hand = inHand(worker);
  const seconds = secondsSince(worker.activity_since, now);
  const long = LONG[shape] !== undefined && seconds > LONG[shape];
  const doing =
    shape === "contact" || (shape === "lost" && hand > 0)
      ? t("people.inHand", { count: hand })
      : shape === "ready"
        ? t("people.free")
        : activityName(activity, t);
  const time = duration(seconds);
  return (
    <li className={look.cell}>
      <Popover
        opened={open}
        onChange={setOpen}
        closeOnClickOutside={!assigning}
        closeOnEscape={!assigning}
        width="min(320px, calc(100vw - 24px))"
        position="bottom-start"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <UnstyledButton
            className={look.person}
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <span className="hidden">{[worker.name, t(`state.${shape}`), doing, time].join(", ")}</span>
            <StateGlyph shape={shape} />
            <span className={look.personName} aria-hidden="true">
              {worker.name}
            </span>
            <span className={look.doing} aria-hidden="true">
              {doing}
            </span>
            <span
              className={`${look.personTime} num`}
              aria-hidden="true"
              data-tone={long ? (shape === "missed" ? "bad" : "warn") : undefined}
            >
              {time}
            </span>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown className={look.personPop} aria-label={worker.name}>
          {open && <Panel person={person} tasks={own} onAssigning={setAssigning} />}
        </Popover.Dropdown>
      </Popover>
    </li>
  );
}
