/** Configuration as text over the API: read, tried, applied. */
import { ApiError } from "@parlons/client/http.ts";
import type { Change, Effects } from "./settings.ts";

export interface Applied {
  changes: Change[];
  unchanged: number;
  text: string;
  effects: Effects;
  links: Record<string, string>;
}

const BASE = "/api/v1";

async function told(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ title: response.statusText, status: response.status, code: "unknown" }));
  throw new ApiError(problem, response.headers.get("x-request-id"));
}

async function fetched(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await told(await fetch(BASE + path, { credentials: "same-origin", ...init }));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError({ title: "unreachable", status: 0, code: "unreachable" }, null);
  }
}

export const exported = async (): Promise<string> => (await fetched("/configuration")).text();

export const textOf = async (kind: string, name: string): Promise<string> =>
  (await fetched(`/settings/text/${kind}/${encodeURIComponent(name)}`)).text();

export async function apply(text: string, how: { dryRun: boolean; prune?: boolean; accept?: number }): Promise<Applied> {
  const accept = how.accept ? `&accept_stranded=${how.accept}` : "";
  const query = `?dry_run=${how.dryRun}&prune=${how.prune ?? false}${accept}`;
  const headers = { "x-parlons": "1", "content-type": "application/yaml" };
  return (await fetched(`/configuration${query}`, { method: "POST", headers, body: text })).json();
}

/** One thing as a file of its own; `inside` is the text of the thing. */
export const asFile = (section: string, inside: string): string =>
  `${section}:\n${inside
    .replace(/\n+$/, "")
    .split("\n")
    .map((line, index) => (index === 0 ? `- ${line}` : line ? `  ${line}` : ""))
    .join("\n")}\n`;
