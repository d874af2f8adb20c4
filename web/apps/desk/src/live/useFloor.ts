/** What the Live page and the wall draw: the figures of the present frame. */
import type { Layout } from "@parlons/client/floor.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useMemo } from "react";
import { useNow } from "../data/clock.ts";
import { notServed } from "../data/select.ts";
import { useFrames } from "./coalesced.ts";
import { allSkills, people, queueLines, waitingTasks, wrappingWorkers } from "./figures.ts";
import { useStatistics } from "./statistics.ts";

export function useFloor(layout: Layout) {
  const snapshot = useFrames();
  const live = useStatistics();
  const now = useNow();
  const { workers, activities, tasks, conversations, queues, alerts } = snapshot;
  const all = useMemo(() => queueLines(snapshot, live, now), [queues, tasks, alerts, live, now]);
  const chosen = new Set(layout.queue_ids.filter((id) => id in snapshot.queues));
  const { here, off } = useMemo(() => people(snapshot, wrappingWorkers(snapshot)), [workers, activities, tasks]);
  const waiting = useMemo(() => waitingTasks(snapshot), [tasks]);
  const unserved = useMemo(() => notServed(snapshot), [conversations]);
  // A queue in trouble is shown although one left it out.
  const lines = chosen.size ? all.filter((line) => chosen.has(line.queue.id) || line.alarm) : all;
  return { lines, here, off, waiting, unserved };
}

/** Skills of the workspace, sorted; drawn anew when one comes or goes, not at each change of somebody's state. */
export function useSkills(): string[] {
  const lines = useSnapshot((snapshot) => allSkills(snapshot.workers).join("\n"));
  return useMemo(() => lines.split("\n").filter(Boolean), [lines]);
}
