/** A colleague named me in a note: said once, with the way there; the list keeps it until the conversation is closed. */
import { get } from "@parlons/client/http.ts";
import type { ConversationFull } from "@parlons/client/types.ts";
import i18next from "i18next";
import { create } from "zustand";
import { go } from "./route.ts";
import { announce, toast, useUi } from "./ui.ts";

export interface Notice {
  id: string;
  kind: string;
  data: { conversation_id?: string; note_id?: string; name?: string };
}

/** Rises with each mention: lists that show them ask anew. */
export const useMentioned = create<{ stamp: number }>(() => ({ stamp: 0 }));

export async function tellMentions(notices: Notice[]): Promise<void> {
  useMentioned.setState(({ stamp }) => ({ stamp: stamp + 1 }));
  const { conversation_id, note_id } = notices.at(-1)!.data;
  if (!conversation_id) return;
  const full = await get<ConversationFull>(`/conversations/${conversation_id}`).catch(() => null);
  const note = full?.notes.find((each) => each.id === note_id);
  if (!full || !note) return;
  const customer = full.customer.name || i18next.t("offer.visitor");
  const text = i18next.t("comfort.mention.told", { name: note.author_name, customer, count: notices.length });
  const open = () => {
    useUi.setState({ tab: "notes" });
    go({ page: "desk", conversation: conversation_id });
  };
  toast(text, { open }, 12);
  announce(text);
}
