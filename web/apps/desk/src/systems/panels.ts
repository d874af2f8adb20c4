/** What a company's own page may say to the desk, and what the desk says to it. Pure. */

/** Of each message, both ways: the number of this protocol. */
export const VERSION = 1;
const SMALLEST = 80;
const LARGEST = 1200;
const LONGEST = 8000;
const ID = /^CH[0-9a-f]{32}$/;

export type Wish =
  | { type: "ready" }
  | { type: "open"; conversation_id: string }
  | { type: "insert"; text: string }
  | { type: "resize"; height: number };

/** What a page wishes; null: nothing the desk understands, so nothing is done. */
export function wishOf(data: unknown): Wish | null {
  if (typeof data !== "object" || data === null) return null;
  const said = data as Record<string, unknown>;
  if (said.parlons !== VERSION) return null;
  switch (said.type) {
    case "ready":
      return { type: "ready" };
    case "open":
      return typeof said.conversation_id === "string" && ID.test(said.conversation_id)
        ? { type: "open", conversation_id: said.conversation_id }
        : null;
    case "insert": {
      const text = typeof said.text === "string" ? said.text.trim() : "";
      return text && text.length <= LONGEST ? { type: "insert", text } : null;
    }
    case "resize":
      return typeof said.height === "number" && Number.isFinite(said.height)
        ? { type: "resize", height: Math.round(Math.min(LARGEST, Math.max(SMALLEST, said.height))) }
        : null;
    default:
      return null;
  }
}

/** What the page is told of the conversation on the screen. */
export const contextMessage = (context: Record<string, string | null>, token: string, language: string) => ({
  parlons: VERSION,
  type: "context",
  context: { ...context, language },
  token,
});
