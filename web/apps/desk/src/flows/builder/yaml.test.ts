import { describe, expect, it } from "vitest";
import { at, plain, put, type Value, valueOf } from "./value.ts";
import { isRead, read, write } from "./yaml.ts";

const TEXT = `name: Front # the door
start: menu
steps:
  # asks first
  menu:
    do: ask
    text: {en: "Sales 9, parts 1", fr: Ventes 9}
    choices:
      9: {next: sales} # nine first
      1: {next: parts}
      0: {label: "no", next: bye}
  sales: {do: queue, queue: Sales}
  parts: {do: queue, attributes: {since: 2026-11-05, code: "007", ratio: 1.5, yes: no}}
  bye: {do: end}
`;

function told(text: string) {
  const found = read(text);
  if (!isRead(found)) throw new Error(found.message);
  return found;
}

describe("a flow as text", () => {
  it("is read as the server reads it", () => {
    const { value } = told(TEXT);
    expect([...(at(value, ["steps", "menu", "choices"]) as Map<string, Value>).keys()]).toEqual(["9", "1", "0"]);
    expect(plain(at(value, ["steps", "parts", "attributes"])!)).toEqual({ since: "2026-11-05", code: "007", ratio: 1.5, yes: "no" });
  });

  it("keeps what was not changed as it stood", () => {
    const { value, doc } = told(TEXT);
    expect(write(value, doc)).toBe(TEXT);
    const after = put(value, ["steps", "sales", "queue"], "Used cars");
    const text = write(after, doc);
    expect(text).toBe(TEXT.replace("queue: Sales}", "queue: Used cars}"));
    const third = put(after, ["steps", "menu", "choices", "9", "next"], "parts");
    expect(write(third, doc)).toContain("9: {next: parts} # nine first");
  });

  it("comes back as the same data, whatever it holds", () => {
    const odd = valueOf({
      a: ["yes", "no", "true", "", "~", "null", "007", "1.0", "0x1F", "1e3", ".inf", "2026-11-05", "a: b", "# c", "- d", "'", '"', "é\nè", "  x ", "@", "%", "{y}", "[z]"],
      b: { "1": true, "0": false, x: null, y: 3, z: -2.5, "": "empty", "a b": {} },
      c: [[], {}, [1, [2]], { d: { e: ["f"] } }],
    });
    for (const base of [null, told(TEXT).doc]) expect(plain(told(write(odd, base)).value)).toEqual(plain(odd));
  });

  it("keeps the order of keys that were moved", () => {
    const { value, doc } = told(TEXT);
    const choices = at(value, ["steps", "menu", "choices"]) as Map<string, Value>;
    const turned = put(value, ["steps", "menu", "choices"], new Map([...choices].reverse()));
    const back = told(write(turned, doc)).value;
    expect([...(at(back, ["steps", "menu", "choices"]) as Map<string, Value>).keys()]).toEqual(["0", "1", "9"]);
    expect(write(turned, doc)).toContain("# nine first");
  });

  it("says where it cannot be read", () => {
    const found = read("name: A\nsteps: {a: [}\n");
    expect(isRead(found)).toBe(false);
    expect(found).toMatchObject({ line: 2 });
    expect(isRead(read("a: 1\na: 2\n"))).toBe(false);
  });
});
