/** The adviser learns what the visitor has really seen: the panel open, the page in front. */
import type { Chat } from "./chat.ts";
import { unread } from "./state.ts";

export class Reading {
  #told = "";

  constructor(readonly chat: Chat) {}

  look(): void {
    const { chat } = this;
    const last = unread(chat.state).at(-1);
    if (!last || !chat.state.open || document.visibilityState !== "visible" || this.#told === last.id) return;
    this.#told = last.id;
    chat.api.read(last.id).then(
      () => {
        const { conversation } = chat.state;
        if (conversation) chat.set({ conversation: { ...conversation, seen_number: last.number } });
      },
      () => {
        this.#told = "";
      },
    );
  }
}
