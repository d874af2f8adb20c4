/** The visit, without its looks: begins it when the visitor writes or consents, keeps the line, sends each message exactly once. */
import { type Api, Refused } from "./api.ts";
import type { Device } from "./device.ts";
import { Outbox } from "./outbox.ts";
import { currentPage } from "./pages.ts";
import { Reading } from "./reading.ts";
import { Line } from "./socket.ts";
import { empty, type State, withFrame } from "./state.ts";
import { Uploads } from "./uploads.ts";
import type { Config, Identity, Language, PageView, ServerFrame, Visit } from "./wire.ts";

const TYPING_SHOWN_MS = 5000;
const TYPING_TOLD_MS = 3000;
const NEWER_MS = 1000;

export class Chat {
  state: State = empty;
  language: Language = "en";
  /** Opened by a new page, not by the visitor: the focus stays where it is. */
  quiet = false;
  readonly uploads = new Uploads(this);
  readonly outbox = new Outbox(this);
  readonly reading = new Reading(this);
  #listeners = new Set<() => void>();
  #line: Line;
  #asked: Promise<void> | null = null;
  #visit: Promise<void> | null = null;
  #identity: Identity | null = null;
  #page: PageView | null = null;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #typingTold = 0;

  constructor(
    readonly api: Api,
    readonly device: Device,
  ) {
    this.#line = new Line(
      api.socketUrl,
      () => api.token,
      (frame) => this.#received(frame),
      (up) => this.#lineChanged(up),
    );
    device.watch(({ token }) => this.#adopt(token));
    addEventListener("visibilitychange", () => {
      this.reading.look();
      this.#tellScreen();
    });
  }

  /** The line closes; the visit stays, and `resume` takes it up. */
  rest(): void {
    this.#line.stop();
    this.api.token = null;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const each of this.#listeners) each();
  }

  /** Take up the visit of the page before, if there is one. */
  resume(): void {
    const kept = this.device.read();
    if (!kept.token) return;
    this.outbox.resume(kept.pending);
    this.#adopt(kept.token);
    if (this.device.wasOpen()) {
      this.quiet = true;
      this.open();
    }
  }

  /** Asked for once, when the visitor shows interest; again after a failure. */
  loadConfig(): Promise<void> {
    this.#asked ??= this.api
      .config(this.language)
      .then(async (config) => {
        await this.prepare(config);
        this.set({ config, broken: null });
      })
      .catch(() => {
        this.#asked = null;
        this.set({ broken: "trouble" });
      });
    return this.#asked;
  }

  open(): void {
    this.set({ open: true });
    if (this.api.token) this.device.keepOpen(true);
    void this.loadConfig();
    this.reading.look();
  }

  close(): void {
    this.set({ open: false });
    this.device.keepOpen(false);
  }

  /** What has to be there before the limits and hours are shown. */
  protected async prepare(_: Config): Promise<void> {}

  /** He has a visit and something was said in it. */
  protected stirred(): void {}

  /** The visit is about to end. */
  protected async ending(): Promise<void> {}

  /** The site hands in the visitor's consent (pages are reported from now on), or takes it back (all is forgotten). */
  async consent(given: boolean): Promise<void> {
    if (given) {
      this.device.write({ consented: true });
      await this.ensureVisit("given").catch(() => this.outbox.later(5));
      return;
    }
    this.#identity = null;
    await this.ending();
    if (this.api.token) await this.api.endVisit().catch(() => undefined);
    this.device.forget();
    this.set({ pending: [] });
    this.#adopt(null);
  }

  /** Who is logged in, proved by the site's signature; null when he logs out. Held until there is a visit. */
  async identify(identity: Identity | null): Promise<void> {
    if (!identity) return this.consent(false);
    this.#identity = identity;
    if (this.api.token) this.#take(await this.api.identify(identity));
  }

  /** A new page; reported only within a visit. */
  page(view?: Partial<PageView>): void {
    this.#page = { ...currentPage(), ...view };
    if (this.api.token) this.api.page(this.#page).catch(() => undefined);
  }

  /** The page he looks at, as the site told or as it describes itself. */
  get here(): PageView {
    return this.#page ?? currentPage();
  }

  /** The server knows this token no more: there may be a newer one; else the next message begins a visit. */
  forgetToken(dead = this.api.token): void {
    if (dead !== this.api.token) return;
    const { token } = this.device.read();
    if (token && token !== dead) return this.#adopt(token);
    this.#adopt(null);
    // The tab that has the newer one may be about to keep it: it is not wiped out from here.
    setTimeout(() => this.device.read().token === dead && this.device.write({ token: null }), NEWER_MS);
  }

  /** The visit, begun at most once at a time. */
  ensureVisit(consent: "given" | "writing"): Promise<void> {
    if (this.api.token && !this.#visit) return Promise.resolve();
    this.#visit ??= this.#begin(consent).finally(() => {
      this.#visit = null;
    });
    return this.#visit;
  }

  async #begin(consent: "given" | "writing"): Promise<void> {
    const visit = await this.api.startVisit({ consent, language: this.language, page: this.here });
    this.#take(await this.#proven(visit));
    this.device.keepOpen(this.state.open);
  }

  /**
   * Other tabs hear of the visit once it is his whom the site named; a site that cannot prove him leaves him unknown. A server
   * that does not answer has said nothing of him: what he writes waits, and comes from him.
   */
  async #proven(visit: Visit): Promise<Visit> {
    if (!this.#identity) return visit;
    return this.api.identify(this.#identity, visit.visitor_token).catch((error: unknown) => {
      if (!(error instanceof Refused) || error.passing) throw error;
      console.warn(`parlons: ${String(error)}`);
      return visit;
    });
  }

  #take({ visitor_token }: Visit): void {
    if (visitor_token === this.api.token) return;
    this.api.token = visitor_token;
    this.device.write({ token: visitor_token });
    this.#line.stop();
    this.#line.start();
  }

  /** Another tab began the visit, ended it, or this page continues one. */
  #adopt(token: string | null): void {
    if (token === this.api.token) return;
    this.api.token = token;
    this.#line.stop();
    if (!token) {
      const { config, open, draft, form, pending } = this.state;
      this.set({ ...empty, config, open, draft, form, pending });
      return;
    }
    this.#line.start();
    this.page();
  }

  typed(draft: string): void {
    this.set({ draft, wanted: false });
    if (Date.now() - this.#typingTold < TYPING_TOLD_MS) return;
    this.#typingTold = Date.now();
    this.#line.say({ type: "typing" });
  }

  #received(frame: ServerFrame): void {
    if (frame.type === "ping") {
      this.#line.say({ type: "pong" });
      return;
    }
    if (frame.type === "revoked") return this.forgetToken();
    this.set(withFrame(this.state, frame));
    if (frame.type === "typing") {
      clearTimeout(this.#typingEnds);
      this.#typingEnds = setTimeout(() => this.set({ typing: null }), TYPING_SHOWN_MS);
    }
    if (frame.type === "welcome") {
      this.outbox.keep();
      void this.outbox.flush();
    }
    if (frame.type === "welcome" || frame.type === "message.added") {
      this.reading.look();
      this.stirred();
    }
    if (frame.type === "welcome") this.#tellScreen();
  }

  /** Who has the page before him is not notified. The server reads this letter by letter. */
  #tellScreen(): void {
    this.#line.say({ type: "screen", foreground: document.visibilityState === "visible" });
  }

  #lineChanged(up: boolean): void {
    if (!this.api.token) return;
    this.set({
      line: up ? "up" : "lost",
      notice: up && this.state.notice?.word === "lost" ? null : this.state.notice,
    });
  }
}
