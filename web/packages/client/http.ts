/** Calls to the native API: same origin, cookie session, RFC 9457 errors as `ApiError`. */
import type { Problem } from "./types.ts";

export class ApiError extends Error {
  readonly problem: Problem;
  readonly reference: string | null;
  constructor(problem: Problem, reference: string | null) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
    this.reference = reference;
  }
  /** 0 when the server could not be reached. */
  get status(): number {
    return this.problem.status;
  }
}

const BASE = "/api/v1";

async function refusal(response: Response): Promise<ApiError> {
  let problem: Problem = {
    title: response.statusText,
    status: response.status,
    code: "unknown",
  };
  try {
    problem = { ...problem, ...((await response.json()) as Problem) };
  } catch {
    // a proxy's page instead of our answer: the status says enough
  }
  return new ApiError(problem, response.headers.get("x-request-id"));
}

export interface CallOptions {
  /** Makes a repeated POST safe: the server answers the first result again. */
  key?: string;
  /** The etag of the version that is changed. */
  match?: string;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/** One call; resolves with the JSON body (undefined for 204). */
export async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-parlons"] = "1";
  if (options.key) headers["idempotency-key"] = options.key;
  if (options.match) headers["if-match"] = options.match;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      signal: options.signal,
      keepalive: options.keepalive,
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError({ title: "unreachable", status: 0, code: "unreachable" }, null);
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, { signal });
export const post = <T>(path: string, body: unknown = {}, options?: CallOptions) =>
  call<T>("POST", path, body, options);
export const put = <T>(path: string, body: unknown, options?: CallOptions) => call<T>("PUT", path, body, options);
export const patch = <T>(path: string, body: unknown) => call<T>("PATCH", path, body);
export const remove = <T>(path: string) => call<T>("DELETE", path);

/** A key for an idempotent send; crypto.randomUUID is missing on plain http of another host. */
export function newKey(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
