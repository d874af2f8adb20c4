/** One socket per tab, kept alive. Each (re)connection begins with a snapshot, so nothing is lost or doubled by a drop. */
import type { ServerFrame } from "./wire.ts";

const SILENCE_MS = 12_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export class Line {
  #socket: WebSocket | null = null;
  #wait = FIRST_WAIT_MS;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;

  constructor(
    readonly url: string,
    readonly token: () => string | null,
    readonly received: (frame: ServerFrame) => void,
    readonly changed: (up: boolean) => void,
  ) {
    addEventListener("online", () => this.#now());
    addEventListener("offline", () => this.#drop());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
  }

  start(): void {
    this.#wanted = true;
    if (!this.#socket) this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#socket?.close();
    this.#socket = null;
  }

  say(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #now(): void {
    if (this.#wanted && !this.#socket) {
      clearTimeout(this.#retry);
      this.#connect();
    }
  }

  #connect(): void {
    const token = this.token();
    if (!token) return;
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    const mine = (act: () => void) => () => this.#socket === socket && act();
    socket.onopen = mine(() => {
      socket.send(JSON.stringify({ type: "hello", token }));
      this.#listen();
    });
    socket.onmessage = (event) => {
      if (this.#socket !== socket) return;
      this.#listen();
      const frame = JSON.parse(String(event.data)) as ServerFrame;
      if (frame.type === "welcome") {
        this.#wait = FIRST_WAIT_MS;
        this.changed(true);
      }
      this.received(frame);
      if (frame.type === "resync") this.#drop();
    };
    socket.onclose = mine(() => this.#drop());
  }

  /** A line that says nothing for longer than the server's pings is dead, whatever the browser believes. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#drop(), SILENCE_MS);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (!this.#wanted) return;
    this.changed(false);
    clearTimeout(this.#retry);
    // Spread out, so that a restarted server is not met by all its visitors in one second.
    this.#retry = setTimeout(() => this.#connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
  }
}
