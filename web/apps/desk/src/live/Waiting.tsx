/** Who waits now, longest first: read, why nobody yet, give to somebody or to another queue by a menu or by dragging. */
import { Button } from "@mantine/core";
import type { Task } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { duration } from "@parlons/ui/format.ts";
import { useState } from "react";
import { secondsSince, useNow } from "../data/clock.ts";
import { go } from "../data/route.ts";
import { useMay } from "../data/session.ts";
import { useUi } from "../data/ui.ts";
import { useTexts } from "../i18n/index.ts";
import { shown } from "../phone/number.ts";
import { ChannelIcon } from "../shell/ChannelIcon.tsx";
import { AssignMenu } from "./AssignMenu.tsx";
import { dragged } from "./dragging.ts";
import styles from "./live.module.css";

const SHOWN = 8;

function Row({ task }: { task: Task }) {
  const { t } = useTexts();
  const reads = useMay("read");
  const now = useNow();
  const conversation = useSnapshot((snapshot) => snapshot.conversations[task.conversation_id ?? ""]);
  const queue = useSnapshot((snapshot) => snapshot.queues[task.queue_id ?? ""]);
  const name = conversation?.customer.name || shown(conversation?.customer.address ?? "") || task.title || t("offer.visitor");
  const words = conversation?.last_message?.text ?? "";
  return (
    <li className={styles.waitRow} {...dragged(task, name)}>
      <ChannelIcon channel={conversation?.channel ?? task.channel} />
      <strong>{name}</strong>
      <span className={styles.words}>{words}</span>
      <span className={styles.queueName}>{queue?.name}</span>
      <span className={`${styles.wait} num`}>{duration(secondsSince(task.created_at, now))}</span>
      <span className={styles.acts}>
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
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          onClick={(event) =>
            useUi.setState({
              why: {
                taskId: task.id,
                title: t("why.waits", { name }),
                opener: event.currentTarget,
              },
            })
          }
        >
          {t("context.why")}
        </Button>
        <AssignMenu task={task} name={name} />
      </span>
    </li>
  );
}

export function Waiting({ tasks }: { tasks: Task[] }) {
  const { t } = useTexts();
  const [all, setAll] = useState(false);
  return (
    <section aria-label={t("live.waiting")}>
      <div className={styles.heading}>
        <h2>{t("live.waiting")}</h2> <span>{t("live.waitingCount", { count: tasks.length })}</span>
      </div>
      <ul>
        {(all ? tasks : tasks.slice(0, SHOWN)).map((task) => (
          <Row key={task.id} task={task} />
        ))}
      </ul>
      {tasks.length > SHOWN && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t("live.fewer") : t("live.all", { count: tasks.length })}
        </Button>
      )}
    </section>
  );
}
