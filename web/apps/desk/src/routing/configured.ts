/** The whole configuration as these pages need it. */
import { get } from "@parlons/client/http.ts";
import { useCallback, useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import type { Queue, Workflow } from "./model.ts";

interface Thing<T> {
  name: string;
  etag: string;
  thing: T;
}

export interface Settings {
  revision: string | null;
  things: {
    queue: Record<string, Thing<Queue>>;
    workflow: Record<string, Thing<Workflow>>;
    firm: Record<string, unknown>;
    task_channel: Record<string, unknown>;
  };
}

/** All that is configured, read when the page opens and when told to. */
export function useSettings(): [Settings | null, () => void] {
  const [settings, setSettings] = useState<Settings | null>(null);
  const load = useCallback(() => {
    void attempt(get<Settings>("/settings")).then((found) => found && setSettings(found));
  }, []);
  useEffect(load, [load]);
  return [settings, load];
}
