import { describe, expect, it } from "vitest";
import { type Figures, parts, query, since } from "./left.ts";

const FIGURES = {
  left: 6, waited_seconds: 60, planned: 1, states: { waiting: 3, recontacted: 2, "came-back": 1 }, reasons: {}, refused: {}, failed: {},
  messages: { sent: 2, failed: 0, answered: 1 },
} as Figures;

describe("those who left", () => {
  it("counts from midnight here", () => {
    const now = new Date(2026, 10, 22, 15, 4);
    expect(since("1", now)).toBe(new Date(2026, 10, 22).toISOString());
    expect(since("7", now)).toBe(new Date(2026, 10, 16).toISOString());
  });
  it("asks only for what was chosen", () => {
    const found = query({ days: "1", reason: "hung-up", queue: "", waiting: false }, new Date(2026, 10, 22));
    expect([...found.keys()]).toEqual(["since", "reason"]);
  });
  it("draws everybody once", () => {
    const drawn = parts(FIGURES, ((key: string) => key) as never);
    expect(drawn.reduce((sum, each) => sum + each.value, 0)).toBe(FIGURES.left);
    expect(drawn.find((each) => each.key === "waiting")?.value).toBe(2);
  });
});
