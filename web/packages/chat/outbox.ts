/** Messages on their way: kept on the device until the server has them, sent in order, each known by its client_id. */
import { Refused } from "./api.ts";
import type { Chat } from "./chat.ts";
import { type Pending, type Said, withMessage, withPending } from "./state.ts";

export const clientId = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

export class Outbox {
  #flushing = false;
  #leaving = "";
  #again: ReturnType<typeof setTimeout> | undefined;
  /** What this page has dealt with; other tabs keep their own messages in the same place. */
  #mine = new Set<string>();

  constructor(readonly chat: Chat) {}

  /** What the page before could not send. */
  resume(pending: Pending[]): void {
    this.chat.set({
      pending: pending.map((each) => ({ ...each, status: "waiting" })),
    });
  }

  /** What is being written; while a file of it is on its way, once that has arrived. */
  sendDraft(): void {
    const { draft, uploads } = this.chat.state;
    const wanted = uploads.some((each) => !each.done);
    this.chat.set({ wanted });
    if (!wanted) this.send(draft);
  }

  /** Its client_id; empty when there is nothing to send. */
  send(text: string): string {
    const attachments = this.chat.uploads.take();
    if (!text.trim() && !attachments.length) return "";
    const message = {
      client_id: clientId(),
      text: text.trim(),
      attachments,
      status: "sending" as const,
    };
    this.chat.set({
      pending: [...this.chat.state.pending, message],
      notice: null,
      draft: "",
    });
    this.keep();
    void this.flush();
    return message.client_id;
  }

  retry(id: string): void {
    this.change(id, { status: "sending", cause: undefined });
    void this.flush();
  }

  change(id: string, change: Parameters<typeof withPending>[2]): void {
    this.chat.set(withPending(this.chat.state, id, change));
    this.#mine.add(id);
    this.keep();
  }

  keep(): void {
    const { pending } = this.chat.state;
    for (const each of pending) this.#mine.add(each.client_id);
    const others = this.chat.device.read().pending.filter((each) => !this.#mine.has(each.client_id));
    this.chat.device.write({ pending: [...others, ...pending] });
  }

  /** Send what waits, one at a time. The server knows each by its client_id: twice sent is once said. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    clearTimeout(this.#again);
    const { chat } = this;
    const next = () => chat.state.pending.find((each) => each.status !== "failed");
    for (let each = next(); each; each = next()) {
      const { client_id, text, attachments } = each;
      try {
        await chat.ensureVisit("writing");
        const attachment_ids = attachments.map((file) => file.id);
        const body = {
          client_id,
          text,
          attachment_ids,
          language: chat.language,
          page: chat.here,
        };
        const { message } = await chat.api.send(body);
        chat.set({
          ...withMessage(chat.state, message),
          notice: null,
          broken: null,
        });
        this.keep();
      } catch (error) {
        if (!this.#notSent(client_id, error)) break;
      }
    }
    this.#flushing = false;
  }

  /** Whether to go on with the next message at once. */
  #notSent(id: string, error: unknown): boolean {
    const { chat } = this;
    const refused = error instanceof Refused ? error : null;
    if (refused?.status === 401) {
      chat.forgetToken(refused.token);
      return true;
    }
    if (refused && !refused.passing) {
      const word = refused.code === "message-too-long" ? "too_long" : "failed";
      this.change(id, {
        status: "failed",
        cause: { word, values: { n: chat.state.config?.text_max ?? 0 } },
      });
      return true;
    }
    const n = refused?.waitSeconds ?? 3;
    const notice: Said =
      refused?.status === 429 ? { word: "slow_down", values: { n } } : { word: refused ? "trouble" : "lost" };
    this.change(id, { status: "waiting" });
    chat.set({ notice });
    this.later(n);
    return false;
  }

  /** The message of somebody who found the doors closed. One id for one message, however often it is sent. */
  async leave(): Promise<void> {
    const { name, email, text } = this.chat.state.form;
    await this.chat.ensureVisit("writing");
    this.#leaving ||= clientId();
    const form = { name: name.trim(), email: email.trim(), text: text.trim() };
    await this.chat.api.offline({ ...form, client_id: this.#leaving, language: this.chat.language });
    this.#leaving = "";
    this.chat.set({
      offline: { email },
      form: { ...this.chat.state.form, text: "", tried: false },
    });
  }

  later(seconds: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      if (this.chat.device.read().consented && !this.chat.api.token) void this.chat.consent(true);
      void this.flush();
    }, seconds * 1000);
  }
}
