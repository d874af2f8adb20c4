/** The calls and recordings of a conversation, asked for when it has been a call, and again when one of its calls changes. */
import { get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import type { Call, Recording } from "@parlons/client/voice.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { useEffect, useState } from "react";
import { callOfConversation } from "./calls.ts";

export interface Heard {
  calls: Call[];
  recordings: Recording[];
}

const STORING_MS = 2000;
export const NOTHING_HEARD: Heard = { calls: [], recordings: [] };

export const hasVoice = (full: ConversationFull): boolean =>
  full.channel === "voice" || full.legs.some((leg) => leg.channel === "voice");

export function useHeard(full: ConversationFull): Heard {
  const [heard, setHeard] = useState(NOTHING_HEARD);
  const stamp = useSnapshot((snapshot) => callOfConversation(snapshot, full.id)?.state ?? "none");
  // Legs are told when it is opened only: a call that began since is known by itself, also once it is over.
  const voice = hasVoice(full) || stamp !== "none" || heard.calls.some((each) => each.conversation_id === full.id);
  useEffect(() => {
    if (!voice) return;
    const leave = new AbortController();
    const ask = <T>(path: string) =>
      get<{ items: T[] }>(`${path}?conversation_id=${full.id}`, leave.signal).catch(() => ({ items: [] as T[] }));
    let again: ReturnType<typeof setTimeout> | undefined;
    const fetchAll = async () => {
      const [calls, recordings] = await Promise.all([ask<Call>("/calls"), ask<Recording>("/recordings")]);
      if (leave.signal.aborted) return;
      setHeard({ calls: calls.items, recordings: recordings.items.filter((each) => each.state === "stored") });
      // The call is over and its sound is being put away: no event tells when that is done.
      if (recordings.items.some((each) => each.state === "storing"))
        again = setTimeout(() => void fetchAll(), STORING_MS);
    };
    void fetchAll();
    return () => {
      leave.abort();
      clearTimeout(again);
    };
  }, [full.id, voice, stamp]);
  return heard;
}
