/** The customer's page beside its call: the picture, what each side types, the lines that were sent. */
import { serversOf } from "@parlons/sync/picture.ts";
import { Side, type SideState } from "@parlons/sync/side.ts";
import { fresh } from "@parlons/sync/signal.ts";
import { Typing } from "@parlons/sync/typing.ts";
import { BesideLine } from "./socket";
import type { Heard, Line } from "./wire";

export const LINE_MAX = 1000;
const TALKS = ["talking", "held", "consulting"];

export interface BesideState {
  up: boolean;
  over: boolean;
  replaced: boolean;
  agent: string;
  /** How the call stands. */
  call: string;
  lines: Line[];
  farText: string;
  draft: string;
}

export class Beside {
  state: BesideState = {
    ...{ up: false, over: false, replaced: false, agent: "", call: "" },
    ...{ lines: [], farText: "", draft: "" },
  };
  readonly side: Side;
  #servers: RTCIceServer[] = [];
  #line: BesideLine;
  #typing = new Typing((text) => this.#line.say({ type: "text", text }));

  constructor(
    origin: string,
    callId: string,
    token: string,
    readonly changed: () => void,
  ) {
    this.side = new Side(
      "page",
      () => this.#servers,
      (signal) => this.#line.say({ type: "video", signal }),
      () => this.changed(),
    );
    const url = `${origin.replace(/^http/, "ws")}/api/v1/webcall/calls/${callId}/beside`;
    this.#line = new BesideLine(
      url,
      token,
      (frame) => this.#heard(frame),
      (up) => this.#set({ up }),
    );
  }

  get video(): SideState {
    return this.side.state;
  }

  /** Whether an adviser is there to see and read. */
  get talks(): boolean {
    return this.state.up && TALKS.includes(this.state.call);
  }

  typed(draft: string): void {
    this.#set({ draft });
    this.#typing.typed(draft);
  }

  send(): void {
    const text = this.state.draft.trim();
    if (!text || !this.state.up) return;
    this.#typing.sent();
    this.#line.say({ type: "line", text, client_id: fresh() });
    this.#set({ draft: "" });
  }

  close(): void {
    this.side.stop();
    this.#line.stop();
  }

  #heard(frame: Heard): void {
    switch (frame.type) {
      case "welcome":
        this.#servers = serversOf(frame.data.ice_servers);
        return this.#set({ agent: frame.data.agent_name, call: frame.data.state, lines: frame.data.messages });
      case "video":
        void this.side.heard(frame);
        return;
      case "text":
        return this.#set({ farText: frame.text });
      case "message":
        return this.#message(frame.data.message);
      case "standing":
        if (!frame.live) return this.#over({ over: true });
        return this.#set({ call: frame.state, agent: frame.agent_name ?? this.state.agent });
      case "over":
        return this.#over({ over: true });
      case "replaced":
        return this.#over({ replaced: true });
    }
  }

  #message(line: Line): void {
    const lines = [...this.state.lines.filter((each) => each.id !== line.id), line].slice(-100);
    this.#set({ lines, ...(line.author.kind === "agent" ? { farText: "" } : {}) });
  }

  #over(change: Partial<BesideState>): void {
    this.side.drop(null);
    this.#line.stop();
    this.#set({ up: false, farText: "", ...change });
  }

  #set(change: Partial<BesideState>): void {
    this.state = { ...this.state, ...change };
    this.changed();
  }
}
