/** By which way the composer writes: as the customer wrote last, or as the agent or a kept draft says. */
import type { Way } from "@parlons/client/channels.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import { useState } from "react";
import { useNow } from "../data/clock.ts";
import { keptDraft } from "./drafts.ts";
import { besideCall, CHAT, type Freedom, freedom, posted, usual, wayKey } from "./ways.ts";

export interface Chosen {
  ways: Way[];
  way: Way;
  freedom: Freedom;
  /** The agent said so, here. */
  picked: boolean;
  choose: (way: Way) => void;
}

/** A matter that came by telephone: what is typed in it is a note unless the agent says otherwise. */
export const isCall = (full: ConversationFull): boolean => full.channel === "voice";

/** The conversation's own channel, where the server names no ways. */
const own = (full: ConversationFull): Way => ({
  channel: full.channel,
  account_id: null,
  from: "",
  to: full.customer.address ?? "",
  capabilities: CHAT,
  open_until: null,
  refusal: null,
});

export function useWay(full: ConversationFull): Chosen {
  const now = useNow();
  const [key, setKey] = useState<string | null>(() => {
    const kept = keptDraft(full);
    const way = kept && full.ways?.find((each) => each.channel === kept.channel);
    return way ? wayKey(way) : null;
  });
  const [picked, setPicked] = useState(false);
  const found = (full.wrapup_since_at ? posted(full.ways ?? []) : full.ways) ?? [];
  const ways = found.length ? found : [own(full)];
  const last = full.messages.findLast((each) => each.direction === "in");
  const phones = (full.customer_details?.addresses ?? []).flatMap((each) => (each.kind === "phone" ? [each.value] : []));
  const way =
    ways.find((each) => wayKey(each) === key) ??
    (isCall(full) && !last ? besideCall(ways, phones, now) : null) ??
    usual(ways, last ? { channel: last.channel, account_id: last.content?.account_id } : full, now) ??
    own(full);
  const choose = (each: Way) => {
    setKey(wayKey(each));
    setPicked(true);
  };
  return { ways, way, freedom: freedom(way, now), picked, choose };
}
