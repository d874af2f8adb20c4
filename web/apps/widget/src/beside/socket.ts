/** The page's socket beside its call; opened again after a drop, until the call is over or a newer page has taken its place. */
import type { Heard } from "./wire";

const AGAIN_MS = 1500;
const SILENCE_MS = 12_000;

export class BesideLine {
  #socket: WebSocket | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    readonly url: string,
    readonly token: string,
    readonly heard: (frame: Heard) => void,
    readonly up: (up: boolean) => void,
  ) {
    this.#open();
  }

  say(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    clearTimeout(this.#silence);
    this.#socket?.close();
    this.#socket = null;
  }

  #open(): void {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: this.token }));
    socket.onmessage = (event) => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => socket.close(), SILENCE_MS);
      this.#take(JSON.parse(String(event.data)) as Heard);
    };
    socket.onclose = () => {
      if (this.#socket !== socket || this.#stopped) return;
      clearTimeout(this.#silence);
      this.up(false);
      this.#again = setTimeout(() => this.#open(), AGAIN_MS);
    };
  }

  #take(frame: Heard): void {
    if (frame.type === "ping") return this.say({ type: "pong" });
    if (frame.type === "resync") return this.#socket?.close();
    if (frame.type === "over" || frame.type === "replaced") this.stop();
    if (frame.type === "welcome") this.up(true);
    this.heard(frame);
  }
}
