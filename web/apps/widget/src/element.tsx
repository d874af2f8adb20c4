/** @jsxImportSource . */
/** <parlons-chat>: the panel in its own shadow, so that the shop's style and ours never meet. */
import type { PanelChat } from "./panel-chat";
import { grow } from "./composer";
import { partOf } from "./context";
import { root } from "./jsx-runtime";
import { follow, isFar } from "./log";
import { isOffline } from "@parlons/chat/state.ts";
import { sheet } from "./styles";
import { App } from "./view";

/** The desk's face, fetched when the panel opens; where the shop's policy forbids it, the system's face serves. */
function loadFont(url: string): void {
  const face = new FontFace("Geist Parlons", `url("${url}") format("woff2")`, {
    weight: "100 900",
  });
  face.load().then(
    (loaded) => document.fonts.add(loaded),
    () => undefined,
  );
}

export class ParlonsChat extends HTMLElement {
  chat: PanelChat | null = null;
  #stage = "";

  connectedCallback(): void {
    const { chat } = this;
    if (!chat || this.shadowRoot) return;
    const shadow = this.attachShadow({ mode: "open" });
    const draw = root(shadow);
    let accent = this.getAttribute("accent");
    let due = false;
    shadow.adoptedStyleSheets = sheet(accent);
    const find = <T extends HTMLElement>(selector: string) => shadow.querySelector<T>(selector);
    const close = () => {
      chat.close();
      requestAnimationFrame(() => find(".launch")?.focus());
    };
    const redraw = () => {
      due = false;
      const wish = chat.state.config?.accent ?? accent;
      if (wish !== accent) {
        accent = wish;
        shadow.adoptedStyleSheets = sheet(accent);
      }
      const part = partOf(chat, close);
      const far = isFar(find("[role=log]"));
      draw(<App {...part} />);
      const field = find<HTMLTextAreaElement>(".box textarea");
      if (field) grow(field);
      const log = find("[role=log]");
      if (log) follow(log, far, part);
      this.#focus(chat, find);
    };
    chat.subscribe(() => {
      if (!due) queueMicrotask(redraw);
      due = true;
    });
    redraw();
  }

  /** Focus goes where one writes, once there is such a place; later redraws leave it alone. */
  #focus(chat: PanelChat, find: (selector: string) => HTMLElement | null): void {
    const { open, config } = chat.state;
    const stage = open ? `${Boolean(config)}${isOffline(chat.state)}` : "";
    if (stage === this.#stage) return;
    if (open && !this.#stage) loadFont(`${chat.api.origin}/widget/geist.woff2`);
    this.#stage = stage;
    if (open && !chat.quiet) (find("textarea,form input") ?? find(".panel"))?.focus();
    chat.quiet = false;
  }
}
