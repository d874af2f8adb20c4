/** To whom a call can go: colleagues (those free first), queues, and whatever number is typed. */
import type { CallTarget } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { Phone, TriangleAlert } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { Option } from "../conversation/Pick.tsx";
import { personOptions, queueOptions } from "../conversation/targets.tsx";
import { workerShape } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { dialled, isDiallable, isEmergency, shown } from "./number.ts";

const NUMBER = "number:";

export function useCallTargets(withQueues: boolean): Option[] {
  const { t } = useTexts();
  const workers = useSnapshot((snapshot) => snapshot.workers);
  const activities = useSnapshot((snapshot) => snapshot.activities);
  const queues = useSnapshot((snapshot) => snapshot.queues);
  const myself = useSession((session) => session.me?.worker_id);
  return useMemo(() => {
    const people = Object.values(workers)
      .filter((worker) => worker.id !== myself)
      .map((worker) => ({ worker, shape: workerShape(worker, activities) }));
    return [...personOptions(people, t), ...(withQueues ? queueOptions(Object.values(queues), t) : [])];
  }, [workers, activities, queues, myself, withQueues, t]);
}

/** The typed text as a number to call, when it may be one. */
export function useTypedNumber(): (text: string) => Option[] {
  const { t } = useTexts();
  return useCallback(
    (text: string) => {
      if (!isDiallable(text)) return [];
      const icon = isEmergency(text) ? <TriangleAlert size={14} /> : <Phone size={14} />;
      const name = t("call.dialTyped", { number: shown(dialled(text)) });
      return [{ id: NUMBER + dialled(text), group: t("call.number"), name, icon }];
    },
    [t],
  );
}

/** What the server is told of a choice. */
export function targetOf(option: Option, queues: Record<string, unknown>): CallTarget {
  if (option.id.startsWith(NUMBER)) return { number: option.id.slice(NUMBER.length) };
  return option.id in queues ? { queue_id: option.id } : { worker_id: option.id };
}

/** The choice as it is named on buttons: a number without its verb. */
export const plainName = (option: Option): string =>
  option.id.startsWith(NUMBER) ? shown(option.id.slice(NUMBER.length)) : option.name;
