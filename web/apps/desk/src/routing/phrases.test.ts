import { describe, expect, it } from "vitest";
import en from "../i18n/en/routing.json";
import { compareOf, operatorsFor, partsOf } from "./condition.ts";
import { type Compare, isCompare, OPERATORS, read, write } from "./expression.ts";
import type { Say, Scope } from "./phrases.ts";
import { sentenceOf } from "./spoken.ts";

/** The English texts, filled as the desk fills them. */
const say: Say = (key, values = {}) => {
  const found = key.split(".").reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], en);
  return String(found).replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "?");
};

describe("sentences", () => {
  it.each([
    ["queue", "1==1", "everybody"],
    ["queue", "", "nobody"],
    ["queue", 'skills HAS "sales" AND worker.levels.sales >= 5', "has the skill sales and has level 5 or more in sales"],
    ["queue", 'languages HAS "fr" OR (practice == true AND a != false)', "speaks fr or (practice is yes and a is anything but no)"],
    ["filter", 'language == "en" AND topic IN ["a", "b", "c"]', "the contact’s language is en and the topic is one of a, b or c"],
    ["filter", "skills < 3", "skills is below 3"],
    ["target", "task.language IN worker.languages", "speaks the contact’s language"],
    ["target", "task.level <= worker.levels.sales", "the contact’s level is the agent’s levels.sales or less"],
    ["skip_if", "workers.available == 0", "the number of available agents is 0"],
    ["queue", "'fr' IN languages", '"fr" IN languages'],
    ["queue", "not a sentence", "not a sentence"],
  ] as [Scope, string, string][])("says in a %s: %s", (scope, text, sentence) => {
    expect(sentenceOf(text, scope, say)).toBe(sentence);
  });
});

describe("the form of a condition", () => {
  it.each([
    'a == "x"',
    "a.b[0] >= -1.5",
    "a != true",
    'a IN ["x", "y"]',
    "a NOT IN [1, 2]",
    "task.language IN worker.languages",
    'a CONTAINS "x, y"',
    'a == ""',
  ])("takes %s apart and puts it together", (text) => {
    const node = read(text)!;
    const parts = isCompare(node) ? partsOf(node) : null;
    expect(parts && compareOf(parts)).toEqual(node);
  });

  it.each(["'fr' IN languages", 'a IN [1, "x"]', 'a IN ["x, y", "z"]', 'a IN "x"'])("leaves %s to the text", (text) => {
    expect(partsOf(read(text) as Compare)).toBeNull();
  });

  it("is not taken while something is missing or wrong", () => {
    const parts = { name: "a", op: "==", kind: "number", value: "" } as const;
    expect(compareOf(parts)).toBeNull();
    expect(compareOf({ ...parts, value: "x" })).toBeNull();
    expect(compareOf({ ...parts, name: "a b", value: "1" })).toBeNull();
    expect(compareOf({ ...parts, name: "a == 1 OR b", value: "1" })).toBeNull();
    expect(compareOf({ ...parts, kind: "name", value: "'x'" })).toBeNull();
  });

  it("offers operators that can hold", () => {
    expect(operatorsFor("text")).toEqual(OPERATORS);
    expect(operatorsFor("yesno")).toEqual(["==", "!="]);
    for (const op of OPERATORS) expect(read(write({ left: { path: ["a"] }, op, right: { list: [1] } }))).not.toBeNull();
  });
});
