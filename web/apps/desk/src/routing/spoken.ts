/** A whole expression as one plain sentence, for lists and for those who listen. */
import { isCompare, type Node, read } from "./expression.ts";
import { type Say, type Scope, words } from "./phrases.ts";

function spoken(node: Node, scope: Scope, say: Say, inner: boolean): string {
  if (isCompare(node)) return words(node, scope, say);
  const [parts, joint] = "all" in node ? [node.all, say("routing.joint.all")] : [node.any, say("routing.joint.any")];
  const text = parts.map((part) => spoken(part, scope, say, true)).join(` ${joint} `);
  return inner ? `(${text})` : text;
}

/** The sentence, or the text itself where there is none. */
export function sentenceOf(text: string, scope: Scope, say: Say): string {
  if (text.trim() === "") return say("routing.nobody");
  const node = read(text);
  return node ? spoken(node, scope, say, false) : text;
}
