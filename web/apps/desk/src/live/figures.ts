/** The figures of the live page, from the live picture and the server's counts. Pure. */
import type { Alert } from "@parlons/client/floor.ts";
import type { LiveQueue, Queue, Snapshot, Task, Worker } from "@parlons/client/types.ts";
import type { Call } from "@parlons/client/voice.ts";
import type { Shape } from "@parlons/ui/StateGlyph.tsx";
import { activityShape, inHand, workerShape } from "../data/select.ts";

export interface QueueLine {
  queue: Queue;
  waiting: Task[];
  /** Since when the first in the queue waits. */
  oldest: string | null;
  live: LiveQueue | undefined;
  /** Which of its limits is broken. */
  alarm: Broken | null;
}

export interface Broken {
  cause: "oldest" | "waiting" | "share";
  limit: number;
}

export interface Person {
  worker: Worker;
  shape: Shape;
}

/** Plain order of RFC 3339 times: a floor of hundreds is sorted at each frame. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const waitsSince = (task: Task): string => task.entered_queue_at ?? task.created_at;

export function waitingTasks(snapshot: Snapshot): Task[] {
  return Object.values(snapshot.tasks)
    .filter((task) => task.status === "pending" || task.status === "reserved")
    .sort((a, b) => byText(waitsSince(a), waitsSince(b)));
}

/** Each queue with what waits in it; those in trouble first, then by name. */
export function queueLines(snapshot: Snapshot, live: Record<string, LiveQueue>, now: number): QueueLine[] {
  const waiting = new Map<string | null, Task[]>();
  for (const task of waitingTasks(snapshot)) {
    const own = waiting.get(task.queue_id);
    if (own) own.push(task);
    else waiting.set(task.queue_id, [task]);
  }
  return Object.values(snapshot.queues)
    .map((queue) => {
      const own = waiting.get(queue.id) ?? NOBODY;
      const line = { queue, waiting: own, oldest: own[0] ? waitsSince(own[0]) : null, live: live[queue.id], alarm: null };
      return { ...line, alarm: alarmOf(line, snapshot.alerts?.[queue.id], now) };
    })
    .sort((a, b) => Number(b.alarm !== null) - Number(a.alarm !== null) || a.queue.name.localeCompare(b.queue.name));
}

const NOBODY: Task[] = [];

export const targetSeconds = (line: QueueLine): number | null =>
  line.live?.target_seconds ?? line.queue.target_seconds ?? null;

/** Which limit of a queue is broken: those set for it, else that somebody waits longer than its target. */
export function alarmOf(line: QueueLine, limits: Alert | undefined, now: number): Broken | null {
  const waited = line.oldest === null ? 0 : (now - Date.parse(line.oldest)) / 1000;
  const own = limits && (limits.waiting ?? limits.oldest_seconds ?? limits.share) !== null ? limits : null;
  const oldest = own ? own.oldest_seconds : targetSeconds(line);
  if (line.oldest !== null && oldest !== null && waited > oldest) return { cause: "oldest", limit: oldest };
  if (own?.waiting != null && line.waiting.length >= own.waiting) return { cause: "waiting", limit: own.waiting };
  const level = line.live?.service_level ?? null;
  if (own?.share != null && level !== null && level < own.share) return { cause: "share", limit: own.share };
  return null;
}

const ATTENTION: Shape[] = ["missed", "lost", "wrap", "contact", "ready", "break", "off"];

/** Who needs help first; within a state, who is in it longest (ready: who waits longest for work). */
export function byAttention(a: Person, b: Person): number {
  return (
    ATTENTION.indexOf(a.shape) - ATTENTION.indexOf(b.shape) ||
    byText(a.worker.activity_since, b.worker.activity_since) ||
    a.worker.name.localeCompare(b.worker.name)
  );
}

/** Everybody who is signed in, and how many are not. */
export function people(snapshot: Snapshot, wrapping: Set<string>): { here: Person[]; off: Person[] } {
  const all = Object.values(snapshot.workers).map((worker) => {
    const shape = workerShape(worker, snapshot.activities);
    return {
      worker,
      shape: shape === "contact" && wrapping.has(worker.id) ? ("wrap" as const) : shape,
    };
  });
  return {
    here: all.filter((each) => each.shape !== "off").sort(byAttention),
    off: all.filter((each) => each.shape === "off").sort(byAttention),
  };
}

/** People whose every contact has ended and who still work on it. */
export function wrappingWorkers(snapshot: Snapshot): Set<string> {
  const open = new Set<string>();
  const wrapping = new Set<string>();
  for (const task of Object.values(snapshot.tasks)) {
    if (!task.worker_id) continue;
    (task.status === "wrapping" ? wrapping : open).add(task.worker_id);
  }
  return new Set([...wrapping].filter((id) => !open.has(id)));
}

const ON_THE_LINE: readonly Call["state"][] = ["talking", "held", "consulting", "parked"];

/** Calls of a queue: those that wait for somebody, and those in which somebody talks or keeps the line. */
export function callCounts(calls: Snapshot["calls"], queueId: string): { waiting: number; talking: number } {
  const own = Object.values(calls ?? {}).filter((call) => call.queue_id === queueId);
  return {
    waiting: own.filter((call) => call.state === "waiting" || (call.state === "ringing" && call.direction === "in")).length,
    talking: own.filter((call) => ON_THE_LINE.includes(call.state)).length,
  };
}

/** Calls in which somebody talks, longest first. */
export const callsOnTheLine = (calls: Snapshot["calls"]): Call[] =>
  Object.values(calls ?? {})
    .filter((call) => ON_THE_LINE.includes(call.state) && call.worker_id !== null)
    .sort((a, b) => (a.agent_at ?? a.started_at).localeCompare(b.agent_at ?? b.started_at));

export interface Remedy {
  kind: "assign" | "recall";
  person: Person;
}

/** Who could help a late queue: somebody free (whom the rules did not choose), else who is longest on break. */
export function remedy(all: Person[], snapshot: Pick<Snapshot, "activities">): Remedy | null {
  const free = all.find((each) => each.shape === "ready" && inHand(each.worker) === 0);
  if (free) return { kind: "assign", person: free };
  const resting = all.find(
    (each) => each.shape === "break" && activityShape(snapshot.activities[each.worker.activity_id]) === "break",
  );
  return resting ? { kind: "recall", person: resting } : null;
}

export const skillsOf = (worker: Worker): string[] => {
  const { skills } = worker.attributes ?? {};
  return Array.isArray(skills) ? skills.filter((each): each is string => typeof each === "string") : [];
};

/** Every skill somebody has, by name. */
export const allSkills = (workers: Record<string, Worker>): string[] =>
  [...new Set(Object.values(workers).flatMap(skillsOf))].sort();
