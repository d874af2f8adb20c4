/** Files on their way: refused here for what the server would refuse anyway, so that nobody waits to hear no. */
import { Refused } from "./api.ts";
import type { Chat } from "./chat.ts";
import type { Said, Upload } from "./state.ts";
import type { Attachment } from "./wire.ts";

let serial = 0;

export class Uploads {
  constructor(readonly chat: Chat) {}

  add(files: Iterable<File>): void {
    void this.all(files);
  }

  /** Returns when each has arrived or was refused. */
  async all(files: Iterable<File>): Promise<void> {
    const sends: Promise<void>[] = [];
    for (const file of files) {
      const fault = this.#fault(file);
      if (fault) this.chat.set({ notice: fault });
      else sends.push(this.#send(file));
    }
    await Promise.all(sends);
  }

  remove(key: string): void {
    this.#drop(key);
    this.#settled();
  }

  #drop(key: string): void {
    this.chat.set({
      uploads: this.chat.state.uploads.filter((each) => each.key !== key),
    });
  }

  #settled(): void {
    if (this.chat.state.wanted) this.chat.outbox.sendDraft();
  }

  /** What has arrived, to go with the message now sent. */
  take(): Attachment[] {
    const done = this.chat.state.uploads.flatMap((each) => each.done ?? []);
    if (done.length)
      this.chat.set({
        uploads: this.chat.state.uploads.filter((each) => !each.done),
      });
    return done;
  }

  #fault(file: File): Said | null {
    const config = this.chat.state.config;
    const { name } = file;
    if (!file.size) return { word: "file_failed", values: { name } };
    // Chosen before the limits have arrived: the server, which looks at every file anyway, says no.
    if (!config) return null;
    if (file.size > config.file_bytes_max) return this.#tooLarge(name);
    // A browser that does not know the type says nothing: the server looks at the bytes.
    return file.type && !config.file_types.includes(file.type.split(";")[0] ?? "")
      ? { word: "file_type", values: { name } }
      : null;
  }

  #tooLarge = (name: string): Said => ({
    word: "file_too_large",
    values: {
      name,
      bytes: this.chat.state.config?.file_bytes_max ?? 0,
    },
  });

  async #send(file: File): Promise<void> {
    const key = `u${serial++}`;
    const mine: Upload = { key, name: file.name, share: 0, done: null };
    this.chat.set({
      uploads: [...this.chat.state.uploads, mine],
      notice: null,
    });
    try {
      await this.chat.ensureVisit("writing");
      const done = await this.chat.api.upload(file, (share) => this.#change(key, { share }));
      this.#change(key, { done, share: 1 });
      this.#settled();
    } catch (error) {
      this.#drop(key);
      const code = error instanceof Refused ? error.code : "";
      const notice: Said =
        code === "attachment-too-large" || code === "too-large"
          ? this.#tooLarge(file.name)
          : {
              word: code.includes("attachment") ? "file_type" : "file_failed",
              values: { name: file.name },
            };
      this.chat.set({ notice, wanted: false });
    }
  }

  #change(key: string, change: Partial<Upload>): void {
    this.chat.set({
      uploads: this.chat.state.uploads.map((each) => (each.key === key ? { ...each, ...change } : each)),
    });
  }
}
