/** What one does about somebody who left. */
import type { components } from "@parlons/client/api.d.ts";
import { newKey, post } from "@parlons/client/http.ts";
import i18next from "i18next";
import { attempt } from "../data/actions.ts";
import { go } from "../data/route.ts";
import { toast } from "../data/ui.ts";
import { dial } from "../phone/acts.ts";
import type { How, Leaver } from "./left.ts";

type Taken = components["schemas"]["Taken"];

const nameOf = (one: Leaver): string => one.customer.name || one.customer.address || i18next.t("offer.visitor");

/** He is mine; the call is placed, or his conversation opens. */
export async function take(one: Leaver, how: How, after: () => unknown): Promise<void> {
  const done = await attempt(post<Taken>(`/leavers/${one.id}/take`, { how }));
  after();
  if (!done) return;
  if (how === "write") return go({ page: "desk", conversation: one.conversation_id });
  if (how === "call" && done.number) {
    const called = await dial({ number: done.number }, one.conversation_id);
    if (called === undefined) return giveBack(one, after);
    return go({ page: "desk", conversation: one.conversation_id });
  }
  toast(i18next.t("left.taken", { name: nameOf(one) }), { undo: () => void giveBack(one, after) }, 10);
}

export async function giveBack(one: Leaver, after: () => unknown): Promise<void> {
  await attempt(post(`/leavers/${one.id}/give_back`));
  after();
}

/** The next free agent of his queue is connected with him. */
export async function callBack(one: Leaver, after: () => unknown): Promise<void> {
  const done = await attempt(post(`/leavers/${one.id}/call_back`, {}, { key: newKey() }));
  if (done !== undefined) toast(i18next.t("left.inLine", { name: nameOf(one) }));
  after();
}
