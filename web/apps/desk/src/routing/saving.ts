/** A cell of the grid is shown as changed at once, told to the server, and taken back when that refuses; ten seconds to undo. */
import { get, patch } from "@parlons/client/http.ts";
import type { Id, Worker } from "@parlons/client/types.ts";
import { putEvent, useLive } from "@parlons/sync/store.ts";
import { attempt } from "../data/actions.ts";
import { toast } from "../data/ui.ts";
import { type Column, type Value, valueOf, withValue } from "./skills.ts";

const show = (worker: Worker): void => putEvent({ event: "local", seq: null, at: null, data: { worker } });

function told(id: Id, { kind, name }: Column, value: Value): Promise<Worker> {
  if (kind === "capacity") return patch<Worker>(`/workers/${id}`, { channels: { [name]: value ?? 0 } });
  const word = kind === "skill" ? "skills" : "languages";
  return patch<Worker>(`/workers/${id}/skills`, { [word]: { [name]: kind === "language" ? value !== null : value } });
}

async function put(id: Id, column: Column, value: Value): Promise<boolean> {
  const worker = useLive.getState().snapshot.workers[id];
  if (!worker) return false;
  show(withValue(worker, column, value));
  const answer = await attempt(told(id, column, value));
  const now = answer ?? (await get<Worker>(`/workers/${id}`).catch(() => undefined));
  if (now) show(now);
  return answer !== undefined;
}

/** Changes a cell; `said` is the sentence of the toast that offers to undo it. */
export async function change(id: Id, column: Column, value: Value, said: string): Promise<void> {
  const worker = useLive.getState().snapshot.workers[id];
  if (!worker) return;
  const before = valueOf(worker, column);
  if (before === value) return;
  if (await put(id, column, value)) toast(said, { undo: () => void put(id, column, before) }, 10);
}
