/** The floor from the palette: set somebody's state, move work, say something to a team, the wall display; one step after the other. */
import type { ConversationSummary, Queue, Task, Worker } from "@parlons/client/types.ts";
import { useLive } from "@parlons/sync/store.ts";
import { StateGlyph } from "@parlons/ui/StateGlyph.tsx";
import type { TFunction } from "i18next";
import { ArrowLeftRight, Layers, Megaphone, Monitor, Users } from "lucide-react";
import { useMemo } from "react";
import { personOptions } from "../conversation/targets.tsx";
import { go } from "../data/route.ts";
import { activityShape, choices, workerShape } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { customerName } from "../inbox/Row.tsx";
import { forceState, moveTask, sendMessage } from "../live/acts.ts";
import type { Entry } from "./acts.tsx";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { activityName } from "./words.ts";

const ICON = 16;
const now = () => useLive.getState().snapshot;

/** Whose state, then which. */
function statesOf(worker: Worker, t: TFunction): Entry[] {
  return choices(now().activities)
    .filter((each) => each.id !== worker.activity_id)
    .map((each) => ({
      id: `${worker.id}-${each.id}`,
      name: activityName(each, t),
      side: worker.name,
      icon: <StateGlyph shape={activityShape(each)} />,
      run: () => void forceState(worker, each.id),
    }));
}

function personEntry(worker: Worker, t: TFunction): Entry {
  const { activities } = now();
  return {
    id: `state-${worker.id}`,
    name: worker.name,
    side: activityName(activities[worker.activity_id], t),
    icon: <StateGlyph shape={workerShape(worker, activities)} />,
    run: () => undefined,
    next: { prompt: t("floor.palette.which", { name: worker.name }), entries: () => statesOf(worker, t) },
  };
}

const workers = (): Worker[] => Object.values(now().workers).sort((a, b) => a.name.localeCompare(b.name));

/** What a contact is called on the floor. */
function contactName(task: Task, conversation: ConversationSummary | undefined, t: TFunction): string {
  return conversation ? customerName(conversation, t("offer.visitor")) : task.title || t("offer.visitor");
}

function targetsOf(task: Task, name: string, t: TFunction): Entry[] {
  const { activities, queues } = now();
  const people = workers()
    .filter((each) => each.id !== task.worker_id)
    .map((worker) => ({ worker, shape: workerShape(worker, activities) }));
  const persons = personOptions(people, t).map((each) => ({
    ...each,
    side: each.side ?? "",
    icon: each.icon ?? null,
    run: () => void moveTask(task, name, { kind: "worker", id: each.id, name: each.name }),
  }));
  const lines = Object.values(queues)
    .filter((each) => each.id !== task.queue_id)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((queue: Queue) => ({
      id: queue.id,
      name: queue.name,
      side: t("transfer.waiting", { count: queue.waiting ?? 0 }),
      icon: <Layers size={ICON} />,
      run: () => void moveTask(task, name, { kind: "queue", id: queue.id, name: queue.name }),
    }));
  return [...persons, ...lines];
}

function contacts(t: TFunction): Entry[] {
  const { tasks, conversations, workers: people, queues } = now();
  return Object.values(tasks)
    .sort((a, b) => a.virtual_start_at.localeCompare(b.virtual_start_at))
    .map((task) => {
      const name = contactName(task, conversations[task.conversation_id ?? ""], t);
      return {
        id: `move-${task.id}`,
        name,
        side: people[task.worker_id ?? ""]?.name ?? queues[task.queue_id ?? ""]?.name ?? "",
        icon: <ChannelIcon channel={task.channel} size={ICON} />,
        run: () => undefined,
        next: { prompt: t("floor.palette.where", { name }), entries: () => targetsOf(task, name, t) },
      };
    });
}

/** Who hears what is typed. */
function audiences(text: string, t: TFunction): Entry[] {
  const said = text.trim();
  if (!said) return [];
  const to = (id: string, name: string, whom: { queue_id?: string }): Entry => ({
    id: `tell-${id}`,
    name: t("floor.palette.to", { name }),
    side: said,
    icon: id ? <Layers size={ICON} /> : <Users size={ICON} />,
    run: () => void sendMessage({ text: said, ...whom }),
  });
  const lines = Object.values(now().queues).sort((a, b) => a.name.localeCompare(b.name));
  return [to("", t("floor.message.everybody"), {}), ...lines.map((each) => to(each.id, each.name, { queue_id: each.id }))];
}

/** What a supervisor may do to the floor from anywhere; `text`: what is typed, so that a person is found by his name. */
export function useFloorActs(text: string): Entry[] {
  const { t } = useTexts();
  const rights = useSession((session) => session.me?.rights);
  return useMemo(() => {
    const wall: Entry = {
      id: "wall",
      name: t("floor.wall.name"),
      side: t("palette.place"),
      icon: <Monitor size={ICON} />,
      run: () => go({ page: "wall" }),
    };
    const acts: Entry[] = rights?.includes("figures") ? [wall] : [];
    if (!rights?.includes("steer")) return acts;
    const step = (id: string, name: string, icon: Entry["icon"], next: Entry["next"]): Entry => {
      return { id, name, side: t("place.live"), icon, run: () => undefined, ...(next ? { next } : {}) };
    };
    acts.unshift(
      step("floor-state", t("floor.palette.state"), <Users size={ICON} />, {
        prompt: t("floor.palette.whose"),
        entries: () => workers().map((each) => personEntry(each, t)),
      }),
      step("floor-move", t("floor.palette.move"), <ArrowLeftRight size={ICON} />, {
        prompt: t("floor.palette.what"),
        entries: () => contacts(t),
      }),
      step("floor-tell", t("floor.palette.tell"), <Megaphone size={ICON} />, {
        prompt: t("floor.palette.text"),
        free: true,
        entries: (said) => audiences(said, t),
      }),
    );
    return text.trim().length < 2 ? acts : [...acts, ...workers().map((each) => personEntry(each, t))];
  }, [rights, text, t]);
}
