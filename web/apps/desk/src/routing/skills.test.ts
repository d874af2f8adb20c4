import type { Worker } from "@parlons/client/types.ts";
import { describe, expect, it } from "vitest";
import { column, columnsOf, holders, matching, read, valueOf, withValue } from "./skills.ts";

const anna = {
  id: "WK1",
  name: "Élodie Martin",
  attributes: { skills: ["sales", "care"], levels: { sales: 8 }, languages: ["fr"], practice: true },
  channels: { chat: { capacity: 3, available: true, assigned: 0, reserved: 0 } },
} as unknown as Worker;
const odd = { id: "WK2", name: "Bob", attributes: { skills: "sales", levels: 3 }, channels: {} } as unknown as Worker;
const sales = column("skill", "sales");

describe("the grid of skills", () => {
  it("has a column for all that somebody has", () => {
    expect(columnsOf([anna, odd], ["new"]).map((each) => each.key)).toEqual([
      "skill:care",
      "skill:new",
      "skill:sales",
      "language:fr",
      "capacity:chat",
    ]);
  });

  it("reads back what it writes, and leaves the rest alone", () => {
    for (const value of [9, 0, true, null] as const) {
      const changed = withValue(anna, sales, value);
      expect(valueOf(changed, sales)).toBe(value);
      expect(valueOf(changed, column("skill", "care"))).toBe(true);
      expect(changed.attributes.practice).toBe(true);
    }
    expect(valueOf(withValue(odd, sales, true), sales)).toBe(true);
    expect(valueOf(withValue(anna, column("language", "de"), true), column("language", "de"))).toBe(true);
    expect(valueOf(withValue(anna, column("capacity", "voice"), 2), column("capacity", "voice"))).toBe(2);
    expect(withValue(anna, sales, 9).attributes.skills).toEqual(["sales", "care"]);
  });

  it("finds names without accents, by every word", () => {
    expect(matching([anna, odd], "mar elo", (each) => each.name)).toEqual([anna]);
    expect(matching([anna, odd], " ", (each) => each.name)).toHaveLength(2);
  });

  it("counts who has what, a capacity of nought not", () => {
    const none = withValue(anna, column("capacity", "chat"), 0);
    expect([...holders([anna, none], [sales, column("capacity", "chat")]).values()]).toEqual([2, 1]);
  });

  it("takes whole numbers from 0 to 1000", () => {
    expect(["7", "", "1000", "1001", "x", "2.5"].map((text) => read(text, "skill"))).toEqual([
      7,
      null,
      1000,
      undefined,
      undefined,
      undefined,
    ]);
    expect(read("", "capacity")).toBeUndefined();
  });
});
