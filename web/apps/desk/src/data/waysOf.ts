/** The ways of an opened conversation: asked for when it opens, and again when something may have opened or shut one. */
import type { Way } from "@parlons/client/channels.ts";
import { get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useEffect } from "react";
import { changeFull } from "./details.ts";

/** After an answer that did not come. */
const AGAIN_MS = 3000;

export function useWaysOf(full: ConversationFull): void {
  const { id, channel, status } = full;
  const addresses = full.customer_details?.addresses.length ?? 0;
  // Where one private answer is all there is, an answer of ours shuts its way.
  const answers = full.ways?.some((each) => each.capabilities.once) ? full.messages.filter((each) => each.direction === "out").length : 0;
  useEffect(() => {
    if (status === "closed") return;
    const leave = new AbortController();
    let later: ReturnType<typeof setTimeout>;
    const ask = () =>
      void get<{ items: Way[] }>(`/conversations/${id}/ways`, leave.signal)
        .then(({ items }) => changeFull(id, (each) => ({ ...each, ways: items })))
        .catch(() => {
          if (!leave.signal.aborted) later = setTimeout(ask, AGAIN_MS);
        });
    ask();
    return () => {
      clearTimeout(later);
      leave.abort();
    };
  }, [id, channel, status, full.last_customer_message_at, full.customer.id, addresses, answers]);
}
