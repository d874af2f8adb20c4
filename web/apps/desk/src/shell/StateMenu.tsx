/** My state: shape, word, time in it; a radio menu that the keys Ctrl+Shift+1…9 answer; Missed and Off name the way back. */
import { Button, Menu, UnstyledButton } from "@mantine/core";
import type { Activity } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { Kbd } from "@parlons/ui/Portrait.tsx";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import { Check, ChevronDown } from "lucide-react";
import { useMemo } from "react";
import { setActivity } from "../data/actions.ts";
import { secondsSince, useNow } from "../data/clock.ts";
import { activityShape, choices } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { useCommand } from "../keys/useKeys.ts";
import { myCall } from "../phone/calls.ts";
import styles from "./shell.module.css";
import { activityName } from "./words.ts";

function Timer({ since }: { since: string }) {
  const now = useNow();
  return <span className={`${styles.timer} num`}>{duration(secondsSince(since, now))}</span>;
}

export function StateMenu() {
  const { t } = useTexts();
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const worker = useSnapshot((snapshot) => (workerId ? snapshot.workers[workerId] : undefined));
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const onCall = useSnapshot((snapshot) => {
    const call = myCall(snapshot, workerId);
    return call ? (call.agent_at ?? call.started_at) : null;
  });
  const list = useMemo(() => choices(activities), [activities]);
  const choose = (activity: Activity | undefined) =>
    worker && activity && activity.id !== worker.activity_id && void setActivity(worker.id, activity.id);
  useCommand("state", (number) => choose(list[(number ?? 1) - 1]), worker !== undefined);
  if (!worker) return null;
  const current = activities[worker.activity_id];
  const shape = activityShape(current);
  const ready = list.find((each) => activityShape(each) === "ready");
  const back = shape === "missed" ? t("state.back") : shape === "off" ? t("state.start") : null;
  const name = activityName(current, t);
  return (
    <>
      <Menu width={280}>
        <Menu.Target>
          <UnstyledButton className={styles.state}>
            <span className="hidden">{t("state.mine")}</span>
            <StateGlyph shape={onCall ? "contact" : shape} />
            <span className={styles.stateName}>{onCall ? t("state.call") : name}</span>
            <Timer since={onCall ?? worker.activity_since} />
            <ChevronDown size={14} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown aria-label={t("state.choose")}>
          {list.map((each, index) => (
            <Menu.RadioItem
              key={each.id}
              value={each.id}
              closeMenuOnClick
              checked={each.id === worker.activity_id}
              checkIcon={<Check size={14} />}
              className={styles.item}
              data-chosen={each.id === worker.activity_id || undefined}
              rightSection={index < 9 ? <Kbd>{`${t("key.ctrl")} ${t("key.shift")} ${index + 1}`}</Kbd> : null}
              onChange={() => choose(each)}
            >
              <span className={styles.choose}>
                <StateGlyph shape={activityShape(each)} /> {activityName(each, t)}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.Dropdown>
      </Menu>
      {back && ready && (
        <Button
          className={styles.back}
          variant={shape === "missed" ? "filled" : "default"}
          onClick={() => choose(ready)}
        >
          {back}
        </Button>
      )}
    </>
  );
}
