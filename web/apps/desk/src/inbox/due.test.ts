import { expect, it } from "vitest";
import { dueClock } from "./due.ts";

it("counts down, warns under a fifth, then counts up", () => {
  expect(dueClock(10, 60)).toEqual({ text: "0:50", tone: undefined });
  expect(dueClock(49, 60)).toEqual({ text: "0:11", tone: "warn" });
  expect(dueClock(100, 60)).toEqual({ text: "+0:40", tone: "bad" });
  expect(dueClock(100, null)).toEqual({ text: "1:40", tone: undefined });
});
