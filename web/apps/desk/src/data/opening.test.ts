import { describe, expect, it } from "vitest";
import { type Opening, waited } from "./opening.ts";

const at = (text: string) => Date.parse(`2026-11-${text}Z`);
const span = (opens: string, closes: string) => ({ opens_at: `2026-11-${opens}Z`, closes_at: `2026-11-${closes}Z` });
const HOURS: Opening = {
  always: false,
  from_at: "2026-10-23T00:00Z",
  spans: [span("20T08:00", "20T17:00"), span("23T08:00", "23T17:00"), span("24T08:00", "24T17:00")],
};

describe("the reply clock by opening hours", () => {
  it("stands from Friday evening until Monday morning", () => {
    expect(waited(HOURS, "2026-11-20T16:30Z", at("22T12:00"))).toEqual({ seconds: 1800, standsUntil: "2026-11-23T08:00Z" });
    expect(waited(HOURS, "2026-11-20T16:30Z", at("23T09:00"))).toEqual({ seconds: 5400, standsUntil: null });
  });

  it("does not begin before the doors open", () => {
    expect(waited(HOURS, "2026-11-22T03:00Z", at("23T07:59")).seconds).toBe(0);
    expect(waited(HOURS, "2026-11-22T03:00Z", at("23T08:01")).seconds).toBe(60);
  });

  it("stands at the very moment of closing", () => {
    expect(waited(HOURS, "2026-11-23T16:00Z", at("23T17:00"))).toEqual({ seconds: 3600, standsUntil: "2026-11-24T08:00Z" });
  });

  it("counts every hour where no hours are known, or none are kept", () => {
    expect(waited(undefined, "2026-11-20T16:00Z", at("20T17:00")).seconds).toBe(3600);
    expect(waited({ ...HOURS, always: true, spans: [] }, "2026-11-20T16:00Z", at("21T17:00")).seconds).toBe(90_000);
  });
});
