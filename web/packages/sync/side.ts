/**
 * One side of a picture beside a call: ask or be asked, accept or decline, show, stop. The page offers and the desk answers,
 * whoever asked; when both ask at once, the page's attempt counts. No camera opens before its owner pressed a button.
 */
import { type CameraWhy, openCamera, Picture } from "./picture.ts";
import { fresh, type Signal } from "./signal.ts";

const BROKEN_MS = 8000;

export interface SideState {
  /** `camera`: the browser asks for it. `asked`: the other side wishes to begin. */
  video: "off" | "camera" | "asking" | "asked" | "connecting" | "on";
  /** Why there is no picture, or not one's own. */
  why: CameraWhy | "failed" | "declined" | "ended" | null;
  /** Whether each side shows something. */
  farCamera: boolean;
  own: MediaStream | null;
  far: MediaStream | null;
}

const NONE: SideState = { video: "off", why: null, farCamera: false, own: null, far: null };

export class Side {
  state: SideState = NONE;
  #session = "";
  /** The page asked while this camera was being opened. */
  #theirs = "";
  #picture: Picture | null = null;
  #broken: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly role: "page" | "desk",
    readonly servers: () => RTCIceServer[],
    readonly say: (signal: Signal) => void,
    readonly changed: (state: SideState) => void,
  ) {}

  /** Wishes for a picture. Without a camera one still sees the other. */
  async ask(camera: boolean): Promise<void> {
    if (this.state.video === "asked") return this.accept(camera);
    if (this.state.video !== "off") return;
    const session = fresh();
    this.#session = session;
    this.#theirs = "";
    if (!(await this.#open(camera, "off"))) return;
    this.#set({ video: "asking" });
    if (this.#theirs) this.#asked(this.#theirs);
    else this.say({ kind: "ask", session });
  }

  async accept(camera: boolean): Promise<void> {
    if (this.state.video !== "asked" || !(await this.#open(camera, "asked"))) return;
    this.#set({ video: "connecting" });
    if (this.role === "desk") this.say({ kind: "accept", session: this.#session });
    else await this.#begin();
  }

  decline(): void {
    this.say({ kind: "decline", session: this.#session });
    this.drop(null);
  }

  stop(): void {
    if (this.state.video === "off") return;
    this.say({ kind: "stop", session: this.#session });
    this.drop(null);
  }

  /** One's own camera on or off while the other's picture goes on. */
  async camera(on: boolean): Promise<void> {
    const { video, own } = this.state;
    if (video !== "on" || on === (own !== null)) return;
    let camera: MediaStream | null = null;
    try {
      if (on) camera = await openCamera();
    } catch (why) {
      return this.#set({ why: why as CameraWhy });
    }
    shut(own);
    this.#set({ own: camera, why: null });
    await this.#picture?.show(camera);
    this.say({ kind: "camera", session: this.#session, on });
  }

  async heard(signal: Signal): Promise<void> {
    if (signal.kind === "ask") return this.#asked(signal.session);
    if (signal.session !== this.#session) return;
    const { video } = this.state;
    switch (signal.kind) {
      case "accept":
        if (video === "asking" && this.role === "page") {
          this.#set({ video: "connecting" });
          await this.#begin();
        }
        return;
      case "offer":
        if (this.role === "desk" && signal.sdp && (video === "asking" || video === "connecting")) {
          this.#set({ video: "connecting" });
          await this.#make().answer(signal.sdp, this.state.own);
          this.#tellCamera();
        }
        return;
      case "answer":
        return this.#picture?.answered(signal.sdp ?? "");
      case "candidates":
        return this.#picture?.candidates(signal.candidates ?? []);
      case "camera":
        return this.#set({ farCamera: signal.on === true });
      case "decline":
        return this.drop("declined");
      case "stop":
        return this.drop(video === "asked" ? null : "ended");
    }
  }

  /** Ends it here, without a word to the other side. */
  drop(why: SideState["why"]): void {
    clearTimeout(this.#broken);
    this.#picture?.close();
    this.#picture = null;
    this.#session = "";
    shut(this.state.own);
    this.#set({ ...NONE, why });
  }

  #asked(session: string): void {
    const { video } = this.state;
    if (video === "asking" && this.role === "page") return;
    if (video === "asking") {
      this.#session = session;
      this.#set({ video: "connecting" });
      return this.say({ kind: "accept", session });
    }
    if (video === "camera") {
      if (this.role === "desk") this.#theirs = session; // the page finds the desk's own wish in a moment
      return;
    }
    if (video !== "off") this.drop(null);
    this.#session = session;
    this.#set({ video: "asked", why: null });
  }

  /** Opens one's own camera if wished; false when it did not open, or nobody waits for it any more. */
  async #open(wanted: boolean, back: "off" | "asked"): Promise<boolean> {
    const session = this.#session;
    if (!wanted) return true;
    this.#set({ video: "camera", why: null });
    try {
      const own = await openCamera();
      if (this.#session !== session) {
        shut(own);
        return false;
      }
      own.getVideoTracks()[0]?.addEventListener("ended", () => {
        if (this.state.own === own) void this.camera(false).then(() => this.#set({ why: "none" }));
      });
      this.#set({ own });
      return true;
    } catch (why) {
      if (this.#session === session) this.#set({ video: back, why: why as CameraWhy });
      return false;
    }
  }

  async #begin(): Promise<void> {
    await this.#make().offer(this.state.own);
    this.#tellCamera();
  }

  #tellCamera(): void {
    this.say({ kind: "camera", session: this.#session, on: this.state.own !== null });
  }

  #make(): Picture {
    this.#picture?.close();
    this.#picture = new Picture(this.#session, this.servers(), this.say, {
      far: (far) => this.#set({ far }),
      state: (state) => this.#connection(state),
    });
    return this.#picture;
  }

  #connection(state: RTCPeerConnectionState): void {
    clearTimeout(this.#broken);
    if (state === "connected") this.#set({ video: "on", why: null });
    if (state === "failed") this.#fail();
    if (state === "disconnected") this.#broken = setTimeout(() => this.#fail(), BROKEN_MS);
  }

  #fail(): void {
    this.say({ kind: "stop", session: this.#session });
    this.drop("failed");
  }

  #set(change: Partial<SideState>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }
}

function shut(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
