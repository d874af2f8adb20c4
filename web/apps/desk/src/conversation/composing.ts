/** What the composer asks of its surroundings: how high it may grow, and whether one can write to the customer at all. */
import type { ConversationFull } from "@parlons/client/types.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useCallback, useLayoutEffect, useRef } from "react";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { callOfConversation } from "../phone/calls.ts";
import { type Field, plainField } from "./field.ts";
import { isCall } from "./useWay.ts";
import { posted } from "./ways.ts";

/** Grows with its text up to 45 % of the height. */
function useGrowth(text: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const node = area.current;
    if (!node) return;
    node.style.height = "auto";
    node.style.height = `${Math.min(node.scrollHeight, innerHeight * 0.36)}px`;
  }, [text]);
  return area;
}

/** The field one writes in now, plain or of letters; who asks for the focus before it is there gets it when it comes. */
export function useField(text: string) {
  const area = useGrowth(text);
  const field = useRef<Field>(null);
  const wanted = useRef(false);
  const ready = (one: Field | null) => {
    field.current = one;
    if (one && wanted.current) one.focus();
    if (one) wanted.current = false;
  };
  const focus = () => {
    if (field.current) field.current.focus();
    else wanted.current = true;
  };
  const plain = useCallback((node: HTMLTextAreaElement | null) => {
    area.current = node;
    ready(node && plainField(node));
  }, []);
  return { field, ready, focus, plain };
}

/** I have taken it, and the word that it is mine is on its way: one may write already, and send a moment later. */
export function useComing(full: ConversationFull): boolean {
  const worker = useSession((session) => session.me?.worker_id);
  const taken = useSnapshot((snapshot) =>
    Object.values(snapshot.reservations ?? {}).some(
      (each) => each.task_id === full.lead_task_id && each.worker_id === worker && each.status === "accepted",
    ),
  );
  return taken && full.status === "open" && !full.assigned;
}

/** Why nothing can be written to the customer now; null: one can. */
export function useObstacle(full: ConversationFull): string | null {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const state = useSnapshot((snapshot) => callOfConversation(snapshot, full.id)?.state);
  const coming = useComing(full);
  const talking = state !== undefined && state !== "wrapping";
  const called = isCall(full) || full.legs.some((leg) => leg.channel === "voice");
  if (full.status === "closed") return t("composer.closed");
  if (full.wrapup_since_at && !(called && posted(full.ways ?? []).length > 0))
    return t(isCall(full) ? "call.composerAfter" : "composer.ended");
  if (full.status === "parked") return t("composer.parked");
  if (!full.assigned && !coming) return t("composer.unassigned");
  if (full.assigned && full.assigned.user_id !== me?.user.id && !full.joined?.includes(me?.user.id ?? "")) return t("composer.others", { name: full.assigned.name });
  if (isCall(full) && state === "parked") return t("call.composerParked");
  if (isCall(full) && !full.ways?.length) return t(talking ? "call.composer" : "call.composerAfter");
  return null;
}
