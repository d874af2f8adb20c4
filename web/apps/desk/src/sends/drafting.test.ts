import { describe, expect, it } from "vitest";
import { formOf, localTime, NO_WORDS, wantedOf } from "./drafting.ts";

const accounts = [{ id: "CC1" }] as never;

describe("a draft", () => {
  it("leaves out what was not written", () => {
    const form = {
      ...formOf(null, accounts),
      name: "Tyres",
      texts: { fr: { ...NO_WORDS, text: "Bonjour", subject: "Pneus" }, en: NO_WORDS },
      conditions: [{ name: " owns ", values: "vela-3, ,solene" }, { name: "town", values: " " }],
      perSecond: "0,5",
    };
    expect(wantedOf(form, false, "Europe/Paris")).toEqual({
      name: "Tyres",
      account_id: "CC1",
      purpose: "marketing",
      texts: { fr: { ...NO_WORDS, text: "Bonjour" } },
      segment: { languages: [], attributes: { owns: ["vela-3", "solene"] }, proven: false },
      zone: "Europe/Paris",
      starts_at: null,
      per_second: 0.5,
    });
    expect(wantedOf({ ...form, listed: true }, true, "Europe/Paris").segment).toBeNull();
    expect(wantedOf(form, true, "Europe/Paris").texts.fr?.subject).toBe("Pneus");
  });

  it("keeps a moment as it was", () => {
    const at = "2026-11-24T09:05:00.000Z";
    expect(new Date(localTime(at)).toISOString()).toBe(at);
    expect(localTime(null)).toBe("");
  });
});
