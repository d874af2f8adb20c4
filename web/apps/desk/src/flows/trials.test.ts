import { describe, expect, it } from "vitest";
import { folded, type Line } from "./trials.ts";

const same = (text: string): Line => ({ change: "same", before: text, after: text });

describe("a difference", () => {
  it("shows some lines around each change and folds the rest", () => {
    const lines = [..."abcdefgh"].map(same);
    lines.push({ change: "added", before: null, after: "x" });
    lines.push(...[..."ijklm"].map(same));
    expect(folded(lines).map((each) => (each.change === "folded" ? each.lines : each.after))).toEqual([5, "f", "g", "h", "x", "i", "j", "k", 2]);
  });

  it("is one fold where nothing differs", () => {
    expect(folded([..."abc"].map(same))).toEqual([{ change: "folded", lines: 3 }]);
    expect(folded([])).toEqual([]);
  });
});
