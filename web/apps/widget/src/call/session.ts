/** One call from a page: begins it, follows it by asking once a second, ends it. A reload within twenty seconds goes on. */
import { CallApi, CallRefused, type LineInfo, type Standing } from "./api";
import { Media, microphone, type Why } from "./media";
import type { CallWord } from "./words";

const EVERY_MS = 1000;
const KEPT = "parlons.call";

export interface CallState {
  line: LineInfo | null;
  phase: "idle" | "microphone" | "connecting" | "up" | "ended";
  standing: Standing | null;
  trouble: CallWord | null;
  mending: boolean;
  silent: boolean;
  muted: boolean;
  keypad: boolean;
  sent: string;
  /** When the page's sound was first connected (ms). */
  since: number | null;
}

export const atFirst: CallState = {
  ...{ line: null, phase: "idle", standing: null, trouble: null, mending: false, silent: false },
  ...{ muted: false, keypad: false, sent: "", since: null },
};

export interface Caller {
  name: string;
  language: string;
  /** Of the chat on the same page: its conversation is the call's. */
  conversationToken?: string | null;
}

/** What stands in the way, as a sentence's name. Pure. */
export function troubleOf(error: unknown): CallWord {
  if (typeof error === "string") return error as Why;
  const status = error instanceof CallRefused ? error.status : 0;
  return status === 404 ? "unknown" : status === 429 ? "busy" : "failed";
}

/** Whether the call is over for its caller: the adviser's work after it is none of his. Pure. */
export const isOver = (standing: Standing): boolean => standing.state === "ended" || standing.state === "wrapping";

export class CallSession {
  state: CallState = atFirst;
  readonly api: CallApi;
  readonly line: string;
  #listeners = new Set<() => void>();
  #media: Media | null = null;
  #callId = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  #missed = 0;

  constructor(origin: string, line: string) {
    this.api = new CallApi(origin);
    this.line = line;
  }

  /** Of the call that goes on; empty before. */
  get callId(): string {
    return this.#callId;
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  set(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    for (const each of this.#listeners) each();
  }

  async load(): Promise<void> {
    try {
      this.set({ line: await this.api.line(this.line), trouble: null });
    } catch (error) {
      this.set({ trouble: troubleOf(error) });
    }
  }

  /** Takes up the call of this tab from before a reload, if it still goes on. */
  async resume(): Promise<void> {
    const kept = this.#kept();
    if (!kept) return;
    this.api.token = kept.token;
    try {
      const standing = await this.api.standing(kept.id);
      if (isOver(standing)) return this.#forget();
      this.#callId = kept.id;
      await this.#connect((offer) => this.api.renew(kept.id, offer).then((answer) => answer.answer_sdp));
    } catch {
      this.#forget();
      this.set({ phase: "idle" });
    }
  }

  async start(caller: Caller): Promise<void> {
    if (this.state.phase !== "idle" && this.state.phase !== "ended") return;
    this.api.token = "";
    this.set({ ...atFirst, line: this.state.line, phase: "microphone" });
    try {
      await this.#connect(async (offer_sdp) => {
        const { name, language, conversationToken } = caller;
        const body = {
          offer_sdp,
          name,
          language,
          ...(conversationToken ? { conversation_token: conversationToken } : {}),
        };
        const begun = await this.api.start(this.line, body);
        this.#callId = begun.call_id;
        this.api.token = begun.token;
        // Hung up while the server was still answering.
        if (this.state.phase === "ended") void this.api.hangUp(begun.call_id).catch(() => undefined);
        else this.#keep();
        return begun.answer_sdp;
      });
    } catch (error) {
      this.#close();
      if (this.state.phase !== "ended") this.set({ phase: "idle", trouble: troubleOf(error) });
    }
  }

  async #connect(exchange: (offer: string) => Promise<string>): Promise<void> {
    const stream = await microphone();
    this.set({ phase: "connecting" });
    const servers = (this.state.line?.ice_servers ?? []).map(({ urls, username, credential }) => ({
      urls,
      ...(username ? { username } : {}),
      ...(credential ? { credential } : {}),
    }));
    this.#media = new Media(stream, servers, {
      up: () => this.set({ phase: "up", mending: false, since: this.state.since ?? Date.now() }),
      down: () => this.set({ mending: true }),
      silent: (silent) => this.set({ silent }),
    });
    await this.#media.connect(exchange, (offer) =>
      this.api.renew(this.#callId, offer).then((answer) => answer.answer_sdp),
    );
    if (this.state.phase === "ended") return;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
    void this.#look();
  }

  async #look(): Promise<void> {
    try {
      const standing = await this.api.standing(this.#callId);
      this.#missed = 0;
      if (isOver(standing)) this.#over(standing);
      else if (this.state.phase !== "ended") this.set({ standing });
    } catch (error) {
      const gone = error instanceof CallRefused && error.status === 404;
      this.#missed += 1;
      if (gone || this.#missed > 20) this.#over(this.state.standing);
    }
  }

  #over(standing: Standing | null): void {
    this.#close();
    this.#forget();
    this.set({ phase: "ended", standing, mending: false, silent: false, keypad: false });
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#media?.close();
    this.#media = null;
  }

  mute(): void {
    const muted = !this.state.muted;
    this.#media?.mute(muted);
    this.set({ muted });
  }

  hear(): void {
    void this.#media?.play().then((silent) => this.set({ silent }));
  }

  press(key: string): void {
    this.set({ sent: (this.state.sent + key).slice(-24) });
    void this.api.digits(this.#callId, key).catch(() => undefined);
  }

  hangUp(): void {
    if (this.#callId) void this.api.hangUp(this.#callId).catch(() => undefined);
    this.#over(this.state.standing);
  }

  #kept(): { id: string; token: string; line: string } | null {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as {
        id: string;
        token: string;
        line: string;
      } | null;
      return kept?.line === this.line ? kept : null;
    } catch {
      return null;
    }
  }

  #keep(): void {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ id: this.#callId, token: this.api.token, line: this.line }));
    } catch {
      // storage forbidden: a reload ends the call
    }
  }

  #forget(): void {
    try {
      sessionStorage.removeItem(KEPT);
    } catch {
      // see #keep
    }
  }
}
