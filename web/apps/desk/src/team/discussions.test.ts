import type { Discussion } from "@parlons/client/team.ts";
import type { Snapshot } from "@parlons/client/types.ts";
import { describe, expect, it } from "vitest";
import { conversationIn, pieces, rows, titleOf, unreadIn } from "./discussions.ts";

const member = (user_id: string, name: string) => ({ user_id, name, worker_id: null, active: true });

function discussion(id: string, last_number: number, more: Partial<Discussion> = {}): Discussion {
  const members = [member("US1", "Ana Roy"), member("US2", "Ben Gold")];
  return { id, kind: "direct", name: "", members, last_number, last: null, last_at: `2026-01-0${last_number}`, version: 1, ...more };
}

const snapshot = {
  discussions: { a: discussion("a", 3), b: discussion("b", 5, { kind: "team", name: "Cars" }) },
  readings: { a: { id: "a", read_number: 3, named_number: 2, draft: "" }, b: { id: "b", read_number: 2, named_number: 4, draft: "" } },
} as unknown as Snapshot;

describe("discussions", () => {
  it("stand by their last line, with what is unread and whether it names me", () => {
    expect(rows(snapshot).map(({ discussion: { id }, unread, named }) => [id, unread, named])).toEqual([
      ["b", 3, true],
      ["a", 0, false],
    ]);
    expect(unreadIn(snapshot)).toBe(3);
    expect(unreadIn({} as Snapshot)).toBe(0);
  });

  it("are called by the other one, or by their name", () => {
    expect(titleOf(snapshot.discussions!.a!, "US1")).toBe("Ben Gold");
    expect(titleOf(snapshot.discussions!.b!, "US1")).toBe("Cars");
  });

  it("find the conversation whose address was pasted", () => {
    const id = `CH${"0".repeat(32)}`;
    expect(conversationIn(`see https://desk.example/app/c/${id}?x`)).toBe(id);
    expect(conversationIn("see /app/c/somewhere")).toBeNull();
  });

  it("set off the names, the longer one first", () => {
    expect(pieces("Ask @Ana Roy-Lis or @Ana Roy.", ["Ana Roy", "Ana Roy-Lis"])).toEqual([
      { text: "Ask ", named: false },
      { text: "@Ana Roy-Lis", named: true },
      { text: " or ", named: false },
      { text: "@Ana Roy", named: true },
      { text: ".", named: false },
    ]);
  });
});
