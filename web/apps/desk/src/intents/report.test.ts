import { describe, expect, it } from "vitest";
import { confused, consequence, impersonal, points } from "./report.ts";

const curve = [0, 0.5, 1].map((at) => ({ at, understood: 1 - at, rejected: at, wrong: 0, foreign: 0.25 }));

describe("the report of intents", () => {
  it("draws a line and finds what a threshold does", () => {
    expect(points(curve, "understood", 100, 10)).toBe("0.0,0.0 50.0,5.0 100.0,10.0");
    expect(consequence(curve, 0.6)?.at).toBe(0.5);
    expect(consequence([], 0.6)).toBeNull();
  });

  it("takes out what is somebody's", () => {
    expect(impersonal("My order 471199 for a.b@shop.example, call +33 1 42 68 53 00")).toBe("My order … for …, call …");
    expect(impersonal("2 cars by 9 am")).toBe("2 cars by 9 am");
  });

  it("shows the intents that are confused only", () => {
    expect(confused([[3, 0, 1], [0, 4, 0], [0, 0, 2]])).toEqual([0, 2]);
    expect(confused([[3, 0], [0, 4]])).toEqual([]);
  });
});
