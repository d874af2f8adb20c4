import { describe, expect, it } from "vitest";
import * as format from "./format.ts";

const now = new Date(2026, 10, 21, 14, 6, 52).getTime();

describe("format", () => {
  it("writes durations", () => {
    expect([38, 761, 9600, -4].map(format.duration)).toEqual(["0:38", "12:41", "2\u00a0h\u00a040", "0:00"]);
  });

  it("writes rough durations", () => {
    expect([12, 240, 9600, 200000].map((s) => format.rough(s, "fr"))).toEqual([
      "0:12",
      "4\u00a0min",
      "2\u00a0h\u00a040",
      "2\u00a0j",
    ]);
  });

  it("uses no space that Geist lacks", () => {
    for (const locale of ["en", "fr"] as const) {
      const all = [format.number(1234567, locale), format.percent(0.805, locale, 1), format.bytes(1234567, locale)];
      expect(all.join("")).not.toMatch(/[\u202f\u2009]/);
    }
    expect(format.number(23490, "fr")).toBe("23\u00a0490");
    expect(format.percent(0.8, "fr")).toBe("80\u00a0%");
    expect(format.percent(0.8, "en")).toBe("80%");
    expect(format.bytes(1234567, "fr")).toBe("1,2\u00a0Mo");
  });

  it("writes the time today and the day before", () => {
    expect(format.when(now - 60000, "en", now)).toBe("14:05");
    expect(format.when(now - 70 * 86400000, "fr", now)).toBe("12 sept.");
  });

  it("takes initials", () => {
    expect(["Claire Rousseau", "@lea.mrt", "Nora"].map(format.initials)).toEqual(["CR", "LE", "NO"]);
  });
});
