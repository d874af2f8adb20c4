/** Articles as the server tells them, and what authors and readers do with them. */
import { get, post, put, remove } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";

export type State = "draft" | "review" | "published" | "archived";
export type Audience = "internal" | "public";
export type Act = "submit" | "send-back" | "publish" | "archive" | "reopen";
export const STATES: State[] = ["draft", "review", "published", "archived"];
export const AUDIENCES: Audience[] = ["public", "internal"];
export const LANGUAGES = ["fr", "en"] as const;

export interface Line {
  id: Id;
  firm_id: Id;
  topic_id: Id;
  language: string;
  audience: Audience;
  category_id: Id | null;
  slug: string;
  title: string;
  summary: string;
  state: State;
  version: number;
  live_number: number | null;
  changed_by: string;
  changed_at: string;
}

export interface Article extends Line {
  html: string;
  translations: { id: Id; language: string; state: State; title: string }[];
}

export interface Published {
  id: Id;
  firm_id: Id;
  language: string;
  audience: Audience;
  slug: string;
  title: string;
  summary: string;
  html: string;
  published_at: string;
}

export interface Found {
  id: Id;
  firm_id: Id;
  slug: string;
  title: string;
  summary: string;
  audience: Audience;
  language: string;
  excerpt: { text: string; hit: boolean }[];
}

export interface Version {
  number: number;
  title: string;
  summary: string;
  html: string;
  author: string;
  at: string;
}

export interface Section {
  id: Id;
  firm_id: Id;
  names: Record<string, string>;
  position: number;
}

export interface Centre {
  firm_id: Id;
  slug: string;
  open: boolean;
  version: number;
}

export interface Figures {
  articles: { id: Id; views: number; helpful: number; unhelpful: number }[];
  gaps: { firm_id: Id; query: string; language: string; audience: Audience; searches: number }[];
}

/** What several customers asked and people answered without an article. */
export interface AskedGap {
  firm_id: Id;
  language: string;
  query: string;
  conversations: number;
  /** In how many of them an article was offered before. */
  offered: number;
}

export interface Draft {
  firm_id: Id;
  language: string;
  audience: Audience;
  category_id: Id | null;
  slug: string;
  title: string;
  summary: string;
  html: string;
  translates: Id | null;
}

let begun: Partial<Draft> = {};

/** The next new article begins with this. */
export function begin(draft: Partial<Draft>): void {
  begun = draft;
}

/** What the new article begins with; once. */
export function begunWith(): Partial<Draft> {
  const found = begun;
  begun = {};
  return found;
}

/** What may be done to an article in each state, the usual step first. */
export const ACTS: Record<State, Act[]> = {
  draft: ["publish", "submit", "archive"],
  review: ["publish", "send-back", "archive"],
  published: ["archive"],
  archived: ["reopen"],
};

export function keepArticle(draft: Draft, before: Article | null): Promise<Article> {
  const { firm_id, language, translates, ...text } = draft;
  return before
    ? put<Article>(`/articles/${before.id}`, { ...text, version: before.version })
    : post<Article>("/articles", { ...text, firm_id, language, translates });
}

export const actOn = (article: Line, act: Act): Promise<Article> =>
  post<Article>(`/articles/${article.id}/act`, { act, version: article.version });
export const putBack = (article: Line, number: number): Promise<Article> =>
  post<Article>(`/articles/${article.id}/restore`, { number, version: article.version });
export const versionsOf = (id: Id): Promise<{ items: Version[] }> => get(`/articles/${id}/versions`);
export const keepSection = (section: Omit<Section, "id">): Promise<Section> => post("/article-sections", section);
export const removeSection = (id: Id): Promise<unknown> => remove(`/article-sections/${id}`);
export const setCentre = (firm: Id, open: boolean, before: Centre | null): Promise<Centre> =>
  put(`/help-centres/${firm}`, { open, slug: before?.slug ?? "", version: before?.version ?? null });

/** `final`: nobody types any more, so a search in vain counts as one. */
export const found = (text: string, language: string, firm: Id | null, signal?: AbortSignal, final = false): Promise<{ items: Found[]; corrected: string | null }> => {
  const asked = new URLSearchParams({ q: text, language, ...(firm ? { firm_id: firm } : {}), ...(final ? { final: "true" } : {}) });
  return get(`/articles/search?${asked}`, signal);
};

export const nameOf = (section: Section, locale: string): string => section.names[locale] ?? Object.values(section.names)[0] ?? "";

/** The language of ours in which articles are sought for somebody: his, else the agent's. */
export function languageOf(wanted: string | null | undefined, locale: string): string {
  const short = (wanted ?? "").slice(0, 2).toLowerCase();
  return LANGUAGES.some((each) => each === short) ? short : locale;
}

/** Share of readers it helped, of those who said so; null: nobody did. */
export const helpful = (of: { helpful: number; unhelpful: number } | undefined): number | null =>
  of && of.helpful + of.unhelpful > 0 ? of.helpful / (of.helpful + of.unhelpful) : null;
