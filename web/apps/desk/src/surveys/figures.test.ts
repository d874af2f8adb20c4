import { describe, expect, it } from "vitest";
import { distribution, type Figure, said, shareOf, steps } from "./figures.ts";

const figure: Figure = {
  survey_id: "SU1",
  survey: "After a chat",
  kind: "nps",
  part: null,
  name: null,
  asked: 10,
  answered: 4,
  csat_percent: null,
  nps: -25,
  nps_parts: { promoters: 1, passives: 1, detractors: 2 },
  ces: null,
  scores: { 10: 1, 8: 1, 3: 2 },
  labels: [],
};

describe("survey figures", () => {
  it("are read by their kind", () => {
    expect([said(figure, "en"), shareOf(figure)]).toEqual(["−25", 0.375]);
    expect(said({ ...figure, nps: 25 }, "en")).toBe("+25");
    expect(said({ ...figure, nps: null }, "en")).toBe("–");
    expect(said({ ...figure, kind: "csat", csat_percent: 66.7 }, "fr")).toBe("67\u00a0%");
    expect(said({ ...figure, kind: "ces", ces: 5.42 }, "fr")).toBe("5,4");
    expect(said({ ...figure, kind: "choice" }, "en")).toBe("40%");
  });

  it("show every answer there could be", () => {
    expect(distribution(figure, "en").map(({ many }) => many)).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 1]);
    const choice: Figure = { ...figure, kind: "choice", labels: [{ en: "A friend", fr: "Un ami" }, { en: "The site" }], scores: { 2: 3 } };
    expect(distribution(choice, "fr")).toEqual([
      { key: "1", name: "Un ami", many: 0 },
      { key: "2", name: "The site", many: 3 },
    ]);
  });

  it("leave a gap where nobody was asked", () => {
    const days = steps("2026-11-20", "2026-11-22", false, [{ ...figure, part: "2026-11-21" }]);
    expect(days.map(({ day, one }) => [day, one !== null])).toEqual([
      ["2026-11-20", false],
      ["2026-11-21", true],
      ["2026-11-22", false],
    ]);
    expect(steps("2026-11-20", "2026-11-25", true, []).map(({ day }) => day)).toEqual(["2026-11-16", "2026-11-23"]);
  });
});
