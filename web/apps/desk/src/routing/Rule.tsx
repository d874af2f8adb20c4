/** One rule of a workflow, read aloud: when it holds, and the steps a contact then goes through. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTexts } from "../i18n/index.ts";
import styles from "./editor.module.css";
import { emptyTarget, type Filter, type Target } from "./model.ts";
import { Sentence } from "./Sentence.tsx";
import { type Knowns, TargetLine } from "./TargetLine.tsx";
import { Token } from "./Token.tsx";

interface Props {
  rule: Filter;
  at: number;
  count: number;
  wins: boolean;
  queues: string[];
  knowns: Knowns;
  change: (part: Partial<Filter>) => void;
  move: (by: -1 | 1) => void;
  remove: () => void;
}

/** A list with the thing at a place moved by one. */
export function moved<T>(all: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...all];
  const [one] = next.splice(at, 1);
  next.splice(at + by, 0, one!);
  return next;
}

export function Rule({ rule, at, count, wins, queues, knowns, change, move, remove }: Props) {
  const { t } = useTexts();
  const put = (place: number, part: Partial<Target>) =>
    change({ targets: rule.targets.map((each, n) => (n === place ? { ...each, ...part } : each)) });
  const name = rule.name || t("routing.rule.unnamed");
  return (
    <li className={styles.ruleCard} data-wins={wins ? "" : undefined}>
      <span className={styles.number} data-wins={wins ? "" : undefined}>
        {at + 1}
      </span>
      <div className={styles.ruleBody}>
        <div className={styles.ruleHead}>
          <Token
            about={t("routing.rule.name")}
            field={(close) => (
              <TextInput
                data-autofocus
                label={t("routing.rule.name")}
                defaultValue={rule.name}
                maxLength={200}
                onChange={({ currentTarget }) => change({ name: currentTarget.value })}
                onKeyDown={(event) => event.key === "Enter" && close()}
              />
            )}
          >
            {name}
          </Token>
          <span className={styles.space} />
          <ActionIcon size={26} disabled={at === 0} aria-label={t("routing.rule.up", { name })} onClick={() => move(-1)}>
            <ArrowUp size={15} />
          </ActionIcon>
          <ActionIcon size={26} disabled={at === count - 1} aria-label={t("routing.rule.down", { name })} onClick={() => move(1)}>
            <ArrowDown size={15} />
          </ActionIcon>
          <ActionIcon size={26} aria-label={t("routing.rule.remove", { name })} onClick={remove}>
            <Trash2 size={15} />
          </ActionIcon>
        </div>
        <p className={styles.rule}>
          {t("routing.rule.if")}{" "}
          <Sentence text={rule.when} scope="filter" known={knowns.filter} change={(when) => change({ when })} />
        </p>
        <ol className={styles.steps}>
          {rule.targets.map((target, place) => (
            <TargetLine
              key={place}
              target={target}
              at={place}
              count={rule.targets.length}
              queues={queues}
              knowns={knowns}
              change={(part) => put(place, part)}
              move={(by) => change({ targets: moved(rule.targets, place, by) })}
              remove={() => change({ targets: rule.targets.filter((_, n) => n !== place) })}
            />
          ))}
        </ol>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<Plus size={14} />}
          onClick={() => change({ targets: [...rule.targets, emptyTarget(rule.targets.at(-1)?.queue ?? queues[0] ?? null)] })}
        >
          {t("routing.rule.addStep")}
          <span className="hidden"> {name}</span>
        </Button>
      </div>
    </li>
  );
}
