/** What two browsers beside a call tell each other about the picture; the shapes of src/parlons/voice/calls/frames.py. */

export interface Candidate {
  candidate: string;
  sdp_mid?: string | null;
  sdp_m_line_index?: number | null;
}

export interface Signal {
  kind: "ask" | "accept" | "decline" | "offer" | "answer" | "candidates" | "camera" | "stop";
  session: string;
  sdp?: string;
  candidates?: Candidate[];
  on?: boolean;
}

export interface Server {
  urls: string[];
  username?: string | null;
  credential?: string | null;
}

/** Letters and digits, as the server wants them. */
export const fresh = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0")).join("");
