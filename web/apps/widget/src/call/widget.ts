/** `widget-call.js`: fetched at the first press of Call in the chat; the call's card stands in the page's upper corner. */
import type { Chat } from "@parlons/chat/chat.ts";
import { draw } from "./element";

let card: HTMLElement | null = null;

/** Begins a call of the chat's conversation; while there is one, only shows it. */
export function call({ api, state, language }: Chat): void {
  const { origin, token } = api;
  const line = state.config?.call_line ?? "";
  if (card?.isConnected) {
    card.shadowRoot?.querySelector<HTMLElement>("button")?.focus();
    return;
  }
  card = document.createElement("div");
  card.className = "corner";
  document.body.append(card);
  const closed = () => card?.remove();
  const session = draw(card, { origin, line, language, page: false, caller: { conversationToken: token }, closed });
  void session.load().then(() => session.start({ name: "", language, conversationToken: token }));
}
