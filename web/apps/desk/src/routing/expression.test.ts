import { describe, expect, it } from "vitest";
import { isAlways, names, type Node, read, write } from "./expression.ts";
import cases from "./expressions.json";

describe("expressions", () => {
  for (const { text, tree } of cases)
    it(`reads ${text.slice(0, 40)} as the server does`, () => {
      expect(read(text)).toEqual(tree);
    });

  for (const { text, tree } of cases.filter((each) => each.tree))
    it(`writes ${text.slice(0, 40)} so that it reads the same`, () => {
      expect(read(write(tree as Node))).toEqual(tree);
    });

  it("leaves numbers it cannot keep to the text", () => {
    expect(read("a == 12345678901234567890")).toBeNull();
    expect(read("a == 1e999")).toBeNull();
  });

  it("knows what always holds, and which names are read", () => {
    expect(isAlways(read("1==1")!)).toBe(true);
    expect(isAlways(read("1 == 2")!)).toBe(false);
    expect(names(read("a.b == 1 AND (c IN d OR a.b == 2)")!)).toEqual(["a.b", "c", "d"]);
  });
});
