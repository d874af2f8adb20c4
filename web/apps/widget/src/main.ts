/** The one line a shop adds: <script src=".../widget.js" data-parlons="KEY" async></script>, and `window.parlons(...)`. */
import { Api } from "@parlons/chat/api.ts";
import { PanelChat } from "./panel-chat";
import { Device } from "@parlons/chat/device.ts";
import { ParlonsChat } from "./element";
import { watchNavigation } from "@parlons/chat/pages.ts";
import type { Identity, PageView } from "@parlons/chat/wire.ts";
import { chooseLanguage } from "./words";

type Call = [command: string, value?: unknown];
type Parlons = ((...call: Call) => void) & { q?: ArrayLike<unknown>[] };
declare global {
  interface Window {
    parlons?: Parlons;
  }
}

const script = document.currentScript as HTMLScriptElement | null;

function obey(chat: PanelChat, [command, value]: Call): unknown {
  switch (command) {
    case "consent":
      return chat.consent(value === true);
    case "identify":
      return chat.identify((value ?? null) as Identity | null);
    case "page":
      return chat.page(value as Partial<PageView>);
    case "open":
      return chat.open();
    case "close":
      return chat.close();
    case "language":
      chat.language = chooseLanguage([String(value)], ["en", "fr"]);
      return chat.set({});
    default:
      return console.warn(`parlons: "${command}" is not a command`);
  }
}

function begin(source: HTMLScriptElement): void {
  const { parlons: key, lang, consent, accent, side, theme, push } = source.dataset;
  if (!key || document.querySelector("parlons-chat")) return;
  const chat = new PanelChat(new Api(new URL(source.src, location.href).origin, key), new Device(key));
  chat.language = chooseLanguage([lang, document.documentElement.lang, ...navigator.languages], ["en", "fr"]);
  chat.worker = push ?? "";
  if (!customElements.get("parlons-chat")) customElements.define("parlons-chat", ParlonsChat);
  const element = document.createElement("parlons-chat") as ParlonsChat;
  if (accent) element.setAttribute("accent", accent);
  if (side) element.dataset.side = side;
  if (theme) element.dataset.theme = theme;
  element.chat = chat;
  document.body.append(element);
  const settle = (done: unknown) => {
    if (done instanceof Promise) done.catch((error: unknown) => console.warn(`parlons: ${String(error)}`));
  };
  const before = window.parlons?.q ?? [];
  window.parlons = (...call: Call) => settle(obey(chat, call));
  chat.resume();
  if (consent === "true" && !chat.device.read().token) settle(chat.consent(true));
  for (const call of Array.from(before)) window.parlons(...(Array.from(call) as Call));
  watchNavigation(() => chat.page());
}

if (script) {
  if (document.body) begin(script);
  else addEventListener("DOMContentLoaded", () => begin(script));
}
