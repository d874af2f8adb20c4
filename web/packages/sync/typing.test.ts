import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Typing } from "./typing.ts";

describe("text as it is typed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told at once, then at most four times a second, the last state always", () => {
    const told: string[] = [];
    const typing = new Typing((text) => told.push(text));
    vi.setSystemTime(10_000);
    for (const text of ["B", "Bo", "Bon", "Bonj"]) typing.typed(text);
    expect(told).toEqual(["B"]);
    vi.advanceTimersByTime(250);
    expect(told).toEqual(["B", "Bonj"]);
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual(["B", "Bonj"]);
  });

  it("tells what was rubbed out, and nothing after the line was sent", () => {
    const told: string[] = [];
    const typing = new Typing((text) => told.push(text));
    vi.setSystemTime(10_000);
    typing.typed("B");
    typing.typed("");
    vi.advanceTimersByTime(250);
    expect(told).toEqual(["B", ""]);
    vi.advanceTimersByTime(250);
    typing.typed("C");
    typing.typed("Ci");
    typing.sent();
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(["B", "", "C"]);
  });
});
