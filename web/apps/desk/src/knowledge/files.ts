/** Pictures and documents of articles, and how a text shows them. */
import type { Id } from "@parlons/client/types.ts";

export interface ArticleFile {
  id: Id;
  name: string;
  content_type: string;
  size: number;
  picture: boolean;
  /** As texts name it. */
  path: string;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The HTML that shows a file: a picture with its description, a document as a link. */
export function shownAs(file: ArticleFile, told: string): string {
  return file.picture ? `<img src="${file.path}" alt="${escaped(told)}">` : `<p><a href="${file.path}">${escaped(file.name)}</a></p>`;
}
