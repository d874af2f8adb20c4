/** HTTP to the Parlons server. Never cookies, never the page's address in a referrer. */
import type { Attachment, Config, Identity, Message, PageView, Visit } from "./wire.ts";

/** The server said no: `code` is stable, `details` carries what a sentence needs. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly details: Record<string, unknown>,
    /** Who asked: by now there may be another. */
    readonly token: string | null = null,
  ) {
    super(code);
  }

  /** A late answer may still be a yes: the same request may go out again. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }

  get waitSeconds(): number {
    return Math.min(60, Math.max(1, Number(this.details.retry_after_seconds) || 3));
  }
}

function refusal(status: number, body: string, token: string | null): Refused {
  try {
    const problem = JSON.parse(body) as {
      code?: string;
      details?: Record<string, unknown>;
    };
    return new Refused(status, problem.code ?? "refused", problem.details ?? {}, token);
  } catch {
    return new Refused(status, "refused", {}, token);
  }
}

export class Api {
  token: string | null = null;

  constructor(
    readonly origin: string,
    readonly key: string,
  ) {}

  get base(): string {
    return `${this.origin}/api/v1/webchat/${this.key}`;
  }

  get socketUrl(): string {
    return `${this.base.replace(/^http/, "ws")}/socket`;
  }

  /** Any call of this widget's. */
  async call<T>(method: string, path: string, body?: unknown, token = this.token): Promise<T> {
    const answer = await fetch(this.base + path, {
      method,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer.status, text, token);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  config = (language: string) => this.call<Config>("GET", `/config?language=${language}`);
  startVisit = (body: { consent: "given" | "writing"; language: string; page: PageView }) =>
    this.call<Visit>("POST", "/visits", body);
  identify = (identity: Identity, token = this.token) => this.call<Visit>("POST", "/identity", identity, token);
  endVisit = () => this.call<void>("DELETE", "/visits");
  send = (body: { client_id: string; text: string; attachment_ids: string[]; language: string; page: PageView }) =>
    this.call<{ message: Message }>("POST", "/messages", body);
  offline = (body: { client_id: string; name: string; email: string; text: string; language: string }) =>
    this.call<void>("POST", "/offline", body);
  page = (view: PageView) => this.call<void>("POST", "/pages", view);
  read = (messageId: string) => this.call<void>("POST", "/read", { message_id: messageId });

  /** XMLHttpRequest, because only it tells how much has been sent. */
  upload(file: File, progress: (share: number) => void): Promise<Attachment> {
    const { token } = this;
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.base}/files`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
      request.onload = () =>
        request.status < 300
          ? done(JSON.parse(request.responseText) as Attachment)
          : failed(refusal(request.status, request.responseText, token));
      request.onerror = () => failed(new TypeError("network"));
      const form = new FormData();
      form.append("file", file);
      request.send(form);
    });
  }

  async download(file: Attachment): Promise<void> {
    const { token } = this;
    const answer = await fetch(`${this.base}/files/${file.id}`, {
      credentials: "omit",
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw refusal(answer.status, await answer.text(), token);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
