/** One step of a rule as a line to read: which queue, who of it, how long, with what priority; each choice a token. */
import { ActionIcon, Menu, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Ellipsis, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/index.ts";
import styles from "./editor.module.css";
import type { Known } from "./known.ts";
import type { Target } from "./model.ts";
import { Sentence } from "./Sentence.tsx";
import { Token } from "./Token.tsx";

export interface Knowns {
  filter: Known;
  target: Known;
  skip_if: Known;
}

interface Props {
  target: Target;
  at: number;
  count: number;
  queues: string[];
  knowns: Knowns;
  change: (part: Partial<Target>) => void;
  move: (by: -1 | 1) => void;
  remove: () => void;
}

type Extra = "expression" | "known_worker" | "known_worker_name" | "order_by" | "timeout_seconds" | "priority" | "skip_if";
const FIRST: Record<Extra, string | number> = {
  expression: "task.language IN worker.languages",
  known_worker: "task.known_worker_id",
  known_worker_name: "task.known_worker_name",
  order_by: "worker.levels.sales DESC",
  timeout_seconds: 30,
  priority: 10,
  skip_if: "workers.available == 0",
};
const EXTRAS = Object.keys(FIRST) as Extra[];

function TextToken({ value, about, help, put }: { value: string; about: string; help: string; put: (text: string) => void }) {
  return (
    <Token
      about={about}
      code
      field={(close) => (
        <TextInput
          data-autofocus
          label={about}
          description={help}
          defaultValue={value}
          onChange={({ currentTarget }) => currentTarget.value.trim() && put(currentTarget.value.trim())}
          onKeyDown={(event) => event.key === "Enter" && close()}
        />
      )}
    >
      {value}
    </Token>
  );
}

function NumberToken(props: { value: number; about: string; least?: number; most: number; put: (value: number) => void; children: ReactNode }) {
  const { value, about, least = 0, most, put, children } = props;
  return (
    <Token
      about={about}
      field={(close) => (
        <NumberInput
          data-autofocus
          label={about}
          defaultValue={value}
          min={least}
          max={most}
          allowDecimal={false}
          onChange={(typed) => typed !== "" && put(Number(typed))}
          onKeyDown={(event) => event.key === "Enter" && close()}
        />
      )}
    >
      {children}
    </Token>
  );
}

function QueueToken({ target, at, queues, change }: Pick<Props, "target" | "at" | "queues" | "change">) {
  const { t } = useTexts();
  const same = at > 0 ? [{ value: "", label: t("routing.step.sameQueue") }] : [];
  const missing = target.queue && !queues.includes(target.queue) ? [target.queue] : [];
  return (
    <Token
      about={t("routing.step.queue")}
      tone="queue"
      field={(close) => (
        <NativeSelect
          data-autofocus
          label={t("routing.step.queue")}
          value={target.queue ?? ""}
          data={[...same, ...(at === 0 && !target.queue ? [{ value: "", label: t("routing.step.choose") }] : []), ...missing, ...queues]}
          onChange={({ currentTarget }) => {
            change({ queue: currentTarget.value || null });
            close();
          }}
        />
      )}
    >
      {target.queue ?? t(at > 0 ? "routing.step.sameQueue" : "routing.step.choose")}
    </Token>
  );
}

function Details({ target, knowns, change }: Pick<Props, "target" | "knowns" | "change">) {
  const { t } = useTexts();
  const { expression, known_worker, known_worker_name, order_by, timeout_seconds, priority, skip_if } = target;
  return (
    <>
      {expression !== null && (
        <>
          {" "}
          {t("routing.step.onlyWho")}{" "}
          <Sentence text={expression} scope="target" known={knowns.target} change={(text) => change({ expression: text })} />
        </>
      )}
      {known_worker !== null && (
        <>
          {" "}
          {t("routing.step.known")}{" "}
          <TextToken value={known_worker} about={t("routing.step.knownAbout")} help={t("routing.step.knownHelp")} put={(text) => change({ known_worker: text })} />
        </>
      )}
      {known_worker_name !== null && (
        <>
          {" "}
          {t("routing.step.knownName")}{" "}
          <TextToken value={known_worker_name} about={t("routing.step.knownNameAbout")} help={t("routing.step.knownHelp")} put={(text) => change({ known_worker_name: text })} />
        </>
      )}
      {order_by !== null && (
        <>
          {" "}
          {t("routing.step.order")}{" "}
          <TextToken value={order_by} about={t("routing.step.orderAbout")} help={t("routing.step.orderHelp")} put={(text) => change({ order_by: text })} />
        </>
      )}
      {timeout_seconds !== null && (
        <>
          {" "}
          {t("routing.step.for")}{" "}
          <NumberToken value={timeout_seconds} about={t("routing.step.forAbout")} least={1} most={1_209_600} put={(value) => change({ timeout_seconds: value })}>
            {t("routing.seconds", { seconds: timeout_seconds })}
          </NumberToken>
        </>
      )}
      {priority !== null && (
        <>
          {" "}
          {t("routing.step.priority")}{" "}
          <NumberToken value={priority} about={t("routing.step.priorityAbout")} most={2_147_483_647} put={(value) => change({ priority: value })}>
            {priority}
          </NumberToken>
        </>
      )}
      {skip_if !== null && (
        <>
          {" "}
          {t("routing.step.skip")}{" "}
          <Sentence text={skip_if} scope="skip_if" known={knowns.skip_if} change={(text) => change({ skip_if: text })} />
        </>
      )}
    </>
  );
}

export function TargetLine({ target, at, count, queues, knowns, change, move, remove }: Props) {
  const { t } = useTexts();
  const missing = EXTRAS.filter((each) => target[each] === null);
  const there = EXTRAS.filter((each) => target[each] !== null);
  const step = t("routing.step.one", { turn: at + 1 });
  return (
    <li className={styles.step}>
      <span className={styles.stepText}>
        <strong>{t(at === 0 ? "routing.step.first" : "routing.step.then")}</strong>{" "}
        <QueueToken target={target} at={at} queues={queues} change={change} />
        <Details target={target} knowns={knowns} change={change} />
      </span>
      <Menu>
        <Menu.Target>
          <ActionIcon size={26} aria-label={t("routing.step.more", { step })}>
            <Ellipsis size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {missing.map((each) => (
            <Menu.Item key={each} leftSection={<Plus size={14} />} onClick={() => change({ [each]: FIRST[each] })}>
              {t(`routing.step.add.${each}`)}
            </Menu.Item>
          ))}
          {there.map((each) => (
            <Menu.Item key={each} leftSection={<Trash2 size={14} />} onClick={() => change({ [each]: null })}>
              {t(`routing.step.drop.${each}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {at > 0 && (
            <Menu.Item leftSection={<ArrowUp size={14} />} onClick={() => move(-1)}>
              {t("routing.step.up")}
            </Menu.Item>
          )}
          {at < count - 1 && (
            <Menu.Item leftSection={<ArrowDown size={14} />} onClick={() => move(1)}>
              {t("routing.step.down")}
            </Menu.Item>
          )}
          {count > 1 && (
            <Menu.Item leftSection={<Trash2 size={14} />} onClick={remove}>
              {t("routing.step.remove")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
