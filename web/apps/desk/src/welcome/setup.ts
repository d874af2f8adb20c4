/** The settings as the first steps read and change them. */
import { get } from "@parlons/client/http.ts";
import { create } from "zustand";
import { cause } from "../data/actions.ts";
import type { Thing } from "../settings/fields.ts";
import { type Changed, faultsOf, putThing, type Setting } from "../settings/settings.ts";
import type { Document, Kind } from "./steps.ts";

interface Settings {
  default_firm: string;
  things: Record<string, Record<string, Setting>>;
}

interface Setup {
  document: Document | null;
  error: string;
}

export const useSetup = create<Setup>(() => ({ document: null, error: "" }));

let things: Settings["things"] = {};

function read(settings: Settings): Document {
  things = settings.things;
  const list = <T>(kind: Kind) => Object.values(things[kind] ?? {}).map((each) => each.thing as T);
  return {
    firm: things.firm?.[settings.default_firm]?.thing as unknown as Document["firm"],
    hours: list("hours"),
    queues: list("queue"),
    workflows: list("workflow"),
    users: list("user"),
    widgets: list("widget"),
    entry_points: list("entry_point"),
  };
}

export async function loadSetup(): Promise<void> {
  try {
    useSetup.setState({ document: read(await get<Settings>("/settings")), error: "" });
  } catch (error) {
    useSetup.setState({ error: cause(error) });
  }
}

type Written = Thing[string] | undefined;

/** Writes what is named of one part, new or as it was read; throws what the server refuses. */
export const keepPart = (kind: Kind, name: string, value: Record<string, Written>): Promise<Changed> =>
  putThing(kind, name, value as Thing, { etag: things[kind]?.[name]?.etag ?? null });

/** Why something was not kept: each fault in a sentence, else the refusal's own. */
export function reasons(error: unknown): string[] {
  const found = faultsOf(error).map((each) => [each.message, each.remedy].filter(Boolean).join(". "));
  return found.length ? found : [cause(error)];
}
