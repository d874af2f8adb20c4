/**
 * One line to the server: register, receive a snapshot (or, with a recent cursor, only what was missed), then events with
 * rising numbers. The server pings every three seconds; ten without a word, or a closed line, means reconnecting, and what
 * is on screen stays. `resync` means that this stream was given up: open again and register without a cursor.
 */
import { delay } from "./backoff.ts";

export type LineStatus = "connecting" | "live" | "lost";

export interface WireEvent {
  event: string;
  seq: number | null;
  at: string | null;
  data: Record<string, unknown>;
}

export interface Handlers<S> {
  onSnapshot(snapshot: S): void;
  onEvent(event: WireEvent): void;
  onStatus(status: LineStatus): void;
  /** The line was refused or closed twice in a row: perhaps the session has ended. */
  onTrouble(): void;
}

interface Frame {
  type?: string;
  event?: string;
  seq?: number | null;
  at?: string | null;
  cursor?: number;
  data?: unknown;
}

const SILENCE_MS = 10_000;

export class Line<S> {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private cursor: number | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private last: LineStatus = "connecting";
  private readonly url: string;
  private readonly handlers: Handlers<S>;

  constructor(url: string, handlers: Handlers<S>) {
    this.url = url;
    this.handlers = handlers;
  }

  start(): void {
    this.stopped = false;
    this.open();
    addEventListener("online", this.now);
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.now);
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.socket?.close(1000);
    this.socket = null;
  }

  /** Says something ephemeral (typing, presence); lost when the line is down. */
  say(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private readonly now = (): void => {
    if (this.socket) return;
    clearTimeout(this.retry);
    this.open();
  };

  private open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "register", cursor: this.cursor }));
      this.listen();
    };
    socket.onmessage = (message) => {
      if (this.socket === socket) this.take(JSON.parse(String(message.data)) as Frame);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.dropped();
    };
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket?.close(4000), SILENCE_MS);
  }

  private dropped(): void {
    this.socket = null;
    clearTimeout(this.silence);
    if (this.stopped) return;
    this.status("lost");
    if (this.attempt >= 1) this.handlers.onTrouble();
    this.retry = setTimeout(() => this.open(), delay(this.attempt));
    this.attempt += 1;
  }

  private take(frame: Frame): void {
    this.listen();
    switch (frame.type) {
      case "ping":
        this.say({ type: "pong" });
        return;
      case "pong":
        return;
      case "resync":
        this.cursor = null;
        this.socket?.close(1000);
        return;
      case "snapshot":
        this.cursor = frame.cursor ?? null;
        this.handlers.onSnapshot(frame.data as S);
        this.alive();
        return;
      case "cursor":
        this.cursor = frame.seq ?? this.cursor;
        this.alive();
        return;
      default:
        this.alive();
        this.event(frame);
    }
  }

  private alive(): void {
    this.attempt = 0;
    this.status("live");
  }

  private status(status: LineStatus): void {
    if (status === this.last) return;
    this.last = status;
    this.handlers.onStatus(status);
  }

  private event(frame: Frame): void {
    const name = frame.event;
    if (!name || typeof frame.data !== "object" || frame.data === null) return;
    const seq = frame.seq ?? null;
    if (seq !== null) {
      if (this.cursor !== null && seq <= this.cursor) return;
      this.cursor = seq;
    }
    this.handlers.onEvent({
      event: name,
      seq,
      at: frame.at ?? null,
      data: frame.data as Record<string, unknown>,
    });
  }
}
