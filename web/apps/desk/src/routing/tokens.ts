/** Words of an expression, as src/parlons/expr/tokens.py divides them. */
export interface Token {
  kind: "op" | "mark" | "string" | "number" | "name" | "end";
  text: string;
}

/** The text is not an expression, or one that cannot be shown as a sentence. */
export class Unreadable extends Error {}

const WORD =
  /(\s+)|(==|!=|>=|<=|=|>|<)|([()[\],.])|('(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_$][A-Za-z0-9_$]*)/y;
const KINDS = ["op", "mark", "string", "number", "name"] as const;

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  let glued = false;
  while (at < text.length) {
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    // `level-3`: a minus that hangs on a name is no number's sign
    if (!match || (text[at] === "-" && glued)) throw new Unreadable();
    const kind = KINDS[match.slice(2).findIndex((group) => group !== undefined)];
    if (kind) found.push({ kind, text: match[0] });
    glued = kind === "name" || kind === "number";
    at += match[0].length;
  }
  found.push({ kind: "end", text: "" });
  return found;
}
