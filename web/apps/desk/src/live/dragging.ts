/** Work dragged from a row to a person or a queue. Each drag has its twin in the Move menu. */
import type { Task } from "@parlons/client/types.ts";
import type { DragEvent } from "react";
import { may } from "../data/session.ts";
import { type Destination, moveTask } from "./acts.ts";

const KIND = "application/x-parlons-task";
let held: { task: Task; name: string } | null = null;

export const dragged = (task: Task, name: string) => ({
  draggable: may("steer"),
  onDragStart: (event: DragEvent) => {
    held = { task, name };
    event.dataTransfer.setData(KIND, task.id);
    event.dataTransfer.effectAllowed = "move" as const;
  },
  onDragEnd: () => {
    held = null;
  },
});

const over = (event: DragEvent, on: boolean) => {
  const { dataset } = event.currentTarget as HTMLElement;
  if (on) dataset.over = "";
  else delete dataset.over;
};

export const droppable = (to: Destination) => ({
  onDragOver: (event: DragEvent) => {
    const own = to.kind === "worker" ? held?.task.worker_id : held?.task.queue_id;
    if (!held || own === to.id) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move" as const;
    over(event, true);
  },
  onDragLeave: (event: DragEvent) => over(event, false),
  onDrop: (event: DragEvent) => {
    over(event, false);
    if (!held) return;
    event.preventDefault();
    void moveTask(held.task, held.name, to);
    held = null;
  },
});
