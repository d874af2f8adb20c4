/** HTTP of a customer's call: /api/v1/webcall. No cookies; the call's token proves the page. */

export interface LineInfo {
  name?: string;
  firm_name?: string;
  language?: string | null;
  languages?: string[];
  open?: boolean;
  accent?: string | null;
  ice_servers?: { urls: string[]; username?: string | null; credential?: string | null }[];
}

export interface Started {
  call_id: string;
  token: string;
  answer_sdp: string;
}

export interface Standing {
  id: string;
  state: "ringing" | "menu" | "waiting" | "talking" | "held" | "consulting" | "wrapping" | "ended" | "parked";
  agent_name: string;
  captions: string[];
  position: number | null;
  started_at: string;
  ended_at: string | null;
}

/** The server said no, or could not be reached (status 0). */
export class CallRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`call refused: ${status}`);
    this.status = status;
  }
}

export class CallApi {
  readonly base: string;
  token = "";

  constructor(origin: string) {
    this.base = `${origin}/api/v1/webcall`;
  }

  async #ask<T>(method: string, path: string, body?: unknown, keepalive = false): Promise<T> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const answer = await fetch(this.base + path, {
      method,
      headers,
      keepalive,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch(() => {
      throw new CallRefused(0);
    });
    if (!answer.ok) throw new CallRefused(answer.status);
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  line = (line: string) => this.#ask<LineInfo>("GET", `/lines/${encodeURIComponent(line)}`);
  start = (line: string, body: object) => this.#ask<Started>("POST", `/${encodeURIComponent(line)}/calls`, body);
  renew = (id: string, offer_sdp: string) =>
    this.#ask<{ answer_sdp: string }>("POST", `/calls/${id}/offer`, { offer_sdp });
  standing = (id: string) => this.#ask<Standing>("GET", `/calls/${id}`);
  digits = (id: string, digits: string) => this.#ask<void>("POST", `/calls/${id}/digits`, { digits });
  hangUp = (id: string) => this.#ask<void>("POST", `/calls/${id}/hang_up`, {}, true);
}
