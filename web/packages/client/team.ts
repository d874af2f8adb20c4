/** The shapes of the colleagues' discussions. */
import type { components } from "./api.d.ts";

type Api = components["schemas"];

export type Discussion = Api["Discussion"];
export type Member = Api["Member"];
export type Line = Api["Line"];
export type Reading = Api["Reading"];
export type Colleague = Api["Colleague"];

/** What a screen knows of them: a server before them sends none. */
export interface TeamParts {
  discussions?: Record<string, Discussion>;
  /** How far I have read, by discussion. */
  readings?: Record<string, Reading>;
}
