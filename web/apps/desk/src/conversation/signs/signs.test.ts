import { expect, it } from "vitest";
import { found, GROUPS, signsOf } from "./signs.ts";

it("finds a sign by its name or a word for it, accents or none, in both languages", async () => {
  const [fr, en] = [await signsOf("fr"), await signsOf("en")];
  expect(found(fr, "voit", 0).map((each) => each.sign)).toContain("🚗");
  expect(found(fr, "voiture", 0)[0]?.sign).toBe("🚗");
  expect(found(fr, "FETE", 0).map((each) => each.sign)).toContain("🎉");
  expect(found(en, "thumbs up", 0).map((each) => each.sign)).toEqual(["👍️"]);
  expect(found(en, "zzz no such", 0)).toEqual([]);
});

it("holds every group, and in it only its own", async () => {
  const signs = await signsOf("en");
  for (const group of GROUPS) {
    const inside = found(signs, " ", group);
    expect(inside.length).toBeGreaterThan(20);
    expect(new Set(inside.map((each) => each.group))).toEqual(new Set([group]));
  }
});
