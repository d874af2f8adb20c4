/** The face of the chat without looks: its types are those of parlons-chat.d.ts, which is served as it stands. */
import { Api } from "./api.ts";
import { Chat } from "./chat.ts";
import { Device } from "./device.ts";
import type * as face from "./parlons-chat.d.ts";
import { Pushing } from "./pushing.ts";
import { type State, unread } from "./state.ts";
import type { Config } from "./wire.ts";

type Kind = keyof face.Events;

class Headless extends Chat {
  pushing: Pushing | null = null;

  protected override stirred(): void {
    if (this.state.messages.some((each) => each.author.kind === "customer")) this.pushing?.look();
  }

  protected override async ending(): Promise<void> {
    await this.pushing?.forget();
  }
}

/** What of the state is news of one kind. */
const parts: { [kind in Exclude<Kind, "message" | "push">]: (state: State) => face.Events[kind] } = {
  conversation: ({ conversation }) => conversation,
  typing: ({ typing }) => typing,
  pending: ({ pending }) => pending,
  line: ({ line }) => line,
  notice: ({ notice, broken }) => notice ?? (broken ? { word: broken } : null),
};

class Face implements face.ParlonsChat {
  #chat: Headless;
  #heard = new Map<Kind, Set<(news: never) => void>>();
  #before: State;
  #push: face.PushState = null;

  constructor({ origin, widget, language, worker }: face.Options) {
    const chat = new Headless(new Api(origin.replace(/\/$/, ""), widget), new Device(widget));
    this.#chat = chat;
    this.#before = chat.state;
    chat.language = language ?? (navigator.language.startsWith("fr") ? "fr" : "en");
    if (worker)
      chat.pushing = new Pushing({
        api: chat.api,
        worker,
        language: () => chat.language,
        kept: () => chat.device.read().push,
        keep: (push) => chat.device.write({ push }),
        changed: () => this.#changed(),
      });
    chat.subscribe(() => this.#changed());
    chat.resume();
  }

  get conversation() {
    return this.#chat.state.conversation;
  }

  get messages() {
    return this.#chat.state.messages;
  }

  get pending() {
    return this.#chat.state.pending;
  }

  get unread() {
    return unread(this.#chat.state).length;
  }

  get line() {
    return this.#chat.state.line;
  }

  get push() {
    const { pushing } = this.#chat;
    return {
      state: pushing?.state ?? null,
      accept: async () => pushing?.accept(),
      refuse: async () => pushing?.refuse(),
    };
  }

  on<K extends Kind>(kind: K, heard: (news: face.Events[K]) => void): () => void {
    const all = this.#heard.get(kind) ?? new Set();
    this.#heard.set(kind, all.add(heard as (news: never) => void));
    return () => all.delete(heard as (news: never) => void);
  }

  async config(): Promise<Config> {
    await this.#chat.loadConfig();
    const { config } = this.#chat.state;
    if (!config) throw new Error("trouble");
    return config;
  }

  identify = (identity: face.Identity | null) => this.#chat.identify(identity);
  consent = (given: boolean) => this.#chat.consent(given);
  again = (clientId: string) => this.#chat.outbox.retry(clientId);
  typing = () => this.#chat.typed(this.#chat.state.draft);
  page = ({ path, title = "", product }: Parameters<face.ParlonsChat["page"]>[0]) =>
    this.#chat.page({ path, title, product });
  download = (file: face.Attachment) => this.#chat.api.download(file);
  close = () => this.#chat.rest();

  async send(text: string, files: Iterable<File> = []): Promise<string> {
    const chat = this.#chat;
    await chat.uploads.all(files);
    return chat.outbox.send(text);
  }

  async read(): Promise<void> {
    const chat = this.#chat;
    const last = unread(chat.state).at(-1);
    if (!last) return;
    await chat.api.read(last.id);
    const { conversation } = chat.state;
    if (conversation) chat.set({ conversation: { ...conversation, seen_number: last.number } });
  }

  async leave({ name, email, text }: { name: string; email: string; text: string }): Promise<void> {
    this.#chat.set({ form: { name, email, text, tried: false } });
    await this.#chat.outbox.leave();
  }

  #tell<K extends Kind>(kind: K, news: face.Events[K]): void {
    for (const heard of this.#heard.get(kind) ?? []) (heard as (news: face.Events[K]) => void)(news);
  }

  #changed(): void {
    const [before, now] = [this.#before, this.#chat.state];
    this.#before = now;
    const known = new Set(before.messages.map((each) => each.id));
    for (const each of now.messages) if (!known.has(each.id)) this.#tell("message", each);
    for (const kind of Object.keys(parts) as (keyof typeof parts)[])
      if (parts[kind](before) !== parts[kind](now)) this.#tell(kind, parts[kind](now) as never);
    const push = this.#chat.pushing?.state ?? null;
    if (push !== this.#push) {
      this.#push = push;
      this.#tell("push", push);
    }
  }
}

export const connect: typeof face.connect = (options) => new Face(options);
