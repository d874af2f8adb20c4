import { describe, expect, it } from "vitest";
import cases from "../../../../../tests/channels/sms/segments.json";
import { segments } from "./segments.ts";

describe("segments", () => {
  it.each(cases)("$name", ({ text, encoding, units, segments: count }) => {
    expect(segments(text)).toMatchObject({ encoding, units, segments: count });
  });

  it("names the characters that make a text dear", () => {
    expect(segments("C’est prêt’").rare).toEqual(["ê"]);
    expect(segments("C’est l’heure").rare).toEqual([]);
    expect(segments("Pret [1]").rare).toEqual([]);
  });

  it("says what is left in the last part", () => {
    expect(segments("a".repeat(150)).left).toBe(10);
    expect(segments("a".repeat(161)).left).toBe(145);
  });
});
