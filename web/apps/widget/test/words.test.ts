import { describe, expect, it } from "vitest";
import { duration, initials, opening, size } from "../src/format";
import { chooseLanguage, say } from "../src/words";

describe("words", () => {
  it("set French spaces that do not break", () => {
    expect(say("fr", "trouble")).toContain("gardé\u00a0;");
    expect(say("fr", "file_type", { name: "a.exe" })).toContain("«\u00a0a.exe\u00a0»");
  });

  it("take the first language both sides speak", () => {
    expect(chooseLanguage([undefined, "fr-CA", "en"], ["en", "fr"])).toBe("fr");
    expect(chooseLanguage(["de", "en-GB"], ["fr", "en"])).toBe("en");
    expect(chooseLanguage(["de"], ["fr", "en"])).toBe("fr");
    expect(chooseLanguage(["fr"], ["en"])).toBe("en");
  });
});

describe("times and sizes", () => {
  const now = new Date(2026, 10, 20, 16, 30);
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();
  it("say when the doors open as people say it", () => {
    expect(opening(at(20, 18), now, "en")).toBe("today at 18:00");
    expect(opening(at(21, 9), now, "fr")).toBe("demain à 09:00");
    expect(opening(at(23, 9), now, "en")).toBe("Monday at 09:00");
    expect(opening(at(30, 9), now, "fr")).toBe("lundi 30 nov. à 09:00");
  });

  it("round how fast one answers", () => {
    expect(duration(60, "fr")).toBe("1 min");
    expect(duration(34, "en")).toBe("40 s");
  });

  it("write sizes in each language's units", () => {
    expect(size(10_485_760, "fr")).toBe("10,5\u00a0Mo");
    expect(size(512, "en")).toBe("512\u00a0B");
  });

  it("name a face by two letters", () => {
    expect(initials("Delmas Automobiles")).toBe("DA");
    expect(initials("Jean-Luc")).toBe("JL");
  });
});
