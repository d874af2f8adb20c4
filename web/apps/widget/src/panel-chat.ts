/** The chat of the panel: the visit, and what the panel fetches only where it is wanted. */
import { Chat } from "@parlons/chat/chat.ts";
import type { Config } from "@parlons/chat/wire.ts";
import type { Part } from "./context";
import type { Child } from "./jsx-runtime";

/** Notifications. */
export interface Extra {
  look(): void;
  forget(): Promise<void>;
  ask(part: Part): Child;
  off(part: Part): Child;
}

/** Articles for what was written. */
export interface Offers {
  look(): void;
  draw(part: Part): Child;
}

export class PanelChat extends Chat {
  /** The site's service worker of notifications; empty: it offers none. */
  worker = "";
  extra: Extra | null = null;
  offers: Offers | null = null;
  #sought = 0;
  /** Drawn when the doors are closed. */
  leaveForm: ((part: Part) => Child) | null = null;
  #extra: Promise<void> | null = null;

  #fetched = <T>(part: string): Promise<T> => import(/* @vite-ignore */ `${this.api.origin}/widget-${part}.js`);

  /** Calls the firm's line; what carries sound is fetched only now. */
  call(): void {
    this.#fetched<{ call: (chat: Chat) => void }>("call").then(
      ({ call }) => call(this),
      () => this.set({ broken: "trouble" }),
    );
  }

  protected override async prepare({ open }: Config): Promise<void> {
    if (!open) this.leaveForm = (await this.#fetched<{ Leave: (part: Part) => Child }>("leave")).Leave;
  }

  /** Articles are for who has written and waits. */
  async #help(written: number): Promise<void> {
    const { config, conversation } = this.state;
    if (!config?.help || written === this.#sought || !/waiting|kept/.test(conversation?.status ?? "")) return;
    this.#sought = written;
    this.offers ??= (await this.#fetched<{ begin: (chat: PanelChat) => Offers }>("help")).begin(this);
    this.offers.look();
  }

  /** Notifications concern who has written, nobody else. */
  protected override stirred(): void {
    const written = this.state.messages.filter((each) => each.author.kind === "customer").length;
    if (!written) return;
    this.#help(written).catch(() => undefined);
    if (!this.worker) return;
    this.#extra ??= this.#fetched<{ begin: (chat: PanelChat) => Extra }>("notify").then(({ begin }) => {
      this.extra = begin(this);
    });
    this.#extra.then(() => this.extra?.look()).catch(() => undefined);
  }

  protected override async ending(): Promise<void> {
    await this.extra?.forget();
  }
}
