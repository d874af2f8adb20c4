/** Drafts as the server keeps them: one's own on whichever machine one sits, and whose others there are. */
import { ApiError, call, get, put } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { KeptDraft } from "./kept.ts";

export interface Draft {
  user_id: Id;
  author: string;
  mine: boolean;
  /** The version it began from. */
  version: number;
  etag: string;
  at: string;
}

export interface Written extends Draft {
  text: string;
}

const draftsOf = async (flow: Id): Promise<Draft[]> => (await get<{ items: Draft[] }>(`/flows/${flow}/drafts`)).items;

export const draftBy = (flow: Id, who: Id | "me"): Promise<Written> => get<Written>(`/flows/${flow}/drafts/${who}`);

/** One's own, and who else has one. */
export async function draftsNow(flow: Id): Promise<{ own: Written | null; others: Draft[] }> {
  const all = await draftsOf(flow);
  return { own: all.some(({ mine }) => mine) ? await draftBy(flow, "me") : null, others: all.filter(({ mine }) => !mine) };
}

const seen = (etag: string | null): { match?: string } => (etag === null ? {} : { match: etag });

/** Everybody's drafts after one's own is so; null: away with it. Refused when it was changed elsewhere since `etag`. */
export async function keepOnServer(flow: Id, text: string | null, version: number, etag: string | null): Promise<Draft[]> {
  if (text === null) {
    if (etag !== null) await call("DELETE", `/flows/${flow}/drafts/me`, undefined, seen(etag));
    return draftsOf(flow);
  }
  return (await put<{ items: Draft[] }>(`/flows/${flow}/drafts/me`, { text, version }, seen(etag))).items;
}

export const isElsewhere = (error: unknown): boolean => error instanceof ApiError && error.problem.code === "draft-changed";

export interface Resumed {
  draft: { text: string; version: number; at: string } | null;
  etag: string | null;
  /** One's own of another machine, where this one has changes that never reached the server. */
  clash: Written | null;
}

/** With which draft one goes on: what never reached the server is not lost, and overwrites nothing. */
export function resumed(here: KeptDraft | null, there: Written | null): Resumed {
  if (!here || (here.sent && here.etag !== there?.etag)) return { draft: there, etag: there?.etag ?? null, clash: null };
  if (!there) return { draft: here, etag: null, clash: null };
  if (here.text === there.text) return { draft: there, etag: there.etag, clash: null };
  return here.etag === there.etag ? { draft: here, etag: there.etag, clash: null } : { draft: here, etag: here.etag, clash: there };
}
