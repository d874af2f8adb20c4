import { expect, it } from "vitest";
import { fresh, held, said } from "./fields.ts";

it("shows the default where nothing is given, and what is given where it is empty", () => {
  const node = { type: "string", default: "/customers" };
  expect(held({}, "create", node)).toBe("/customers");
  expect(held({ create: "" }, "create", node)).toBe("");
  expect(held({ create: null }, "create", node)).toBeNull();
  expect(held({}, "url", { type: "string" })).toBeNull();
});

it("begins without secrets, so that those of a kind that needs none stay away", () => {
  expect(fresh({ type: "object", properties: { token: { type: "string", secret: true } } })).toEqual({ token: null });
});

it("says what is wrong in the reader's words where it can", () => {
  const word = (code: string) => ({ missing: "Fill this in.", long: "Too long." })[code];
  const fault = { line: 0, column: 0, path: "name", message: "A name has 1 to 64 characters", remedy: "" };
  expect(said(fault, word, "")).toBe("Fill this in.");
  expect(said({ ...fault, code: "long" }, word, "Delmas")).toBe("Too long.");
  expect(said({ ...fault, line: 2, column: 3, remedy: "Shorten it." }, word, "Delmas")).toBe("2:3 · A name has 1 to 64 characters. Shorten it.");
});
