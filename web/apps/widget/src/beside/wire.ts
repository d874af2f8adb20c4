/** What travels beside a call: /api/v1/webcall/calls/{id}/beside. The shapes of src/parlons/voice/calls/frames.py. */

import type { Server, Signal } from "@parlons/sync/signal.ts";

export interface Line {
  id: string;
  client_id: string | null;
  author: { kind: "customer" | "agent" | "bot" | "system"; name: string };
  text: string;
  at: string;
}

export interface Welcome {
  agent_name: string;
  language: string;
  state: string;
  ice_servers: Server[];
  messages: Line[];
}

export type Heard =
  | { type: "welcome"; data: Welcome }
  | ({ type: "video" } & Signal)
  | { type: "text"; text: string }
  | { type: "message"; data: { message: Line } }
  | { type: "standing"; state: string; live: boolean; agent_name?: string }
  | { type: "replaced" }
  | { type: "over" }
  | { type: "resync" }
  | { type: "error"; code: string }
  | { type: "ping" };
