/** Questions to the live picture: whose conversations, in which order, which offers, what state someone is in. */
import type {
  Activity,
  ConversationSummary,
  Queue,
  Reservation,
  Snapshot,
  Task,
  Worker,
} from "@parlons/client/types.ts";
import type { Shape } from "@parlons/ui/StateGlyph.tsx";

export interface Offer {
  reservation: Reservation;
  task: Task | undefined;
  conversation: ConversationSummary | undefined;
  queue: Queue | undefined;
}

/** Pending reservations of one worker, the oldest first. */
export function offers(snapshot: Snapshot, workerId: string | null): Offer[] {
  return Object.values(snapshot.reservations)
    .filter((each) => each.worker_id === workerId && each.status === "pending")
    .sort((a, b) => a.created_at.localeCompare(b.created_at))
    .map((reservation) => {
      const task = snapshot.tasks[reservation.task_id];
      const queueId = reservation.queue_id ?? task?.queue_id;
      return {
        reservation,
        task,
        conversation: task?.conversation_id ? snapshot.conversations[task.conversation_id] : undefined,
        queue: queueId ? snapshot.queues[queueId] : undefined,
      };
    });
}

/** Due first: who waits longest for an answer, then the most recent, then what is parked. */
export function dueFirst(a: ConversationSummary, b: ConversationSummary): number {
  const parked = Number(a.status === "parked") - Number(b.status === "parked");
  if (parked) return parked;
  if (a.first_unanswered_at && b.first_unanswered_at)
    return a.first_unanswered_at.localeCompare(b.first_unanswered_at) || a.id.localeCompare(b.id);
  if (a.first_unanswered_at || b.first_unanswered_at) return a.first_unanswered_at ? -1 : 1;
  return (b.last_message_at ?? "").localeCompare(a.last_message_at ?? "") || a.id.localeCompare(b.id);
}

/** What one agent has in hand or joined, and what he parked (the server sends an agent only his own). */
export function mine(snapshot: Snapshot, workerId: string | null, agent = true): ConversationSummary[] {
  if (!workerId) return [];
  const userId = snapshot.workers[workerId]?.user_id;
  return Object.values(snapshot.conversations)
    .filter(
      (each) =>
        (each.assigned ? each.assigned.worker_id === workerId : agent && each.status === "parked") ||
        (userId != null && each.joined?.includes(userId)),
    )
    .sort(dueFirst);
}

/** Open conversations that belong to nobody yet. */
export function waiting(snapshot: Snapshot): ConversationSummary[] {
  return Object.values(snapshot.conversations)
    .filter((each) => each.status === "open" && !each.assigned && !each.not_served_reason)
    .sort(dueFirst);
}

export function notServed(snapshot: Snapshot): ConversationSummary[] {
  return Object.values(snapshot.conversations)
    .filter((each) => each.status !== "closed" && each.not_served_reason !== null)
    .sort(dueFirst);
}

/** The wording of an activity that says which of the seven shapes it has, when configuration does not. */
function namedShape(name: string): Shape | null {
  if (/missed|manqu/i.test(name)) return "missed";
  if (/wrap|cl[oô]ture/i.test(name)) return "wrap";
  if (/off/i.test(name)) return "off";
  return null;
}

const SHAPES: readonly string[] = ["ready", "contact", "wrap", "break", "missed", "lost", "off"];

export function activityShape(activity: Activity | undefined): Shape {
  if (!activity) return "off";
  if (activity.shape && SHAPES.includes(activity.shape)) return activity.shape as Shape;
  return namedShape(activity.name) ?? (activity.available ? "ready" : "break");
}

/** How many contacts a person has in hand. */
export function inHand(worker: Worker): number {
  return Object.values(worker.channels ?? {}).reduce((sum, channel) => sum + channel.assigned, 0);
}

/** The shape a person shows to others: his activity, except that contacts and a lost line speak louder. */
export function workerShape(worker: Worker, activities: Snapshot["activities"]): Shape {
  const shape = activityShape(activities[worker.activity_id]);
  if (shape === "off" && inHand(worker) === 0) return "off";
  if (!worker.reachable) return "lost";
  if (shape === "ready" && inHand(worker) > 0) return "contact";
  return shape;
}

/** The activities a person may choose, in the order of the state keys. */
export function choices(activities: Snapshot["activities"]): Activity[] {
  const order: Shape[] = ["ready", "break", "wrap", "off"];
  return Object.values(activities)
    .filter((each) => activityShape(each) !== "missed")
    .sort((a, b) => order.indexOf(activityShape(a)) - order.indexOf(activityShape(b)) || a.name.localeCompare(b.name));
}
