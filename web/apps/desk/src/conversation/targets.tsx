/** To whom work can go, as lines of a list: people with the free ones first, and queues with what waits in them. */
import type { Queue, Worker } from "@parlons/client/types.ts";
import { StateGlyph, type Shape } from "@parlons/ui/StateGlyph.tsx";
import type { TFunction } from "i18next";
import { Layers } from "lucide-react";
import type { Option } from "./Pick.tsx";

const RANK: Shape[] = ["ready", "contact", "wrap", "break", "missed", "lost", "off"];

export function personOptions(people: { worker: Worker; shape: Shape }[], t: TFunction): Option[] {
  return [...people]
    .sort((a, b) => RANK.indexOf(a.shape) - RANK.indexOf(b.shape) || a.worker.name.localeCompare(b.worker.name))
    .map(({ worker, shape }) => ({
      id: worker.id,
      group: t("transfer.people"),
      name: worker.name,
      side: t(`state.${shape}`),
      icon: <StateGlyph shape={shape} />,
    }));
}

export function queueOptions(queues: Queue[], t: TFunction): Option[] {
  return [...queues]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((queue) => ({
      id: queue.id,
      group: t("transfer.queues"),
      name: queue.name,
      side: t("transfer.waiting", { count: queue.waiting ?? 0 }),
      icon: <Layers size={14} />,
    }));
}
