import { expect, test } from "vitest";
import { ACTS, helpful, languageOf, nameOf } from "./articles.ts";

test("the share of those it helped, of those who said so", () => {
  expect(helpful({ helpful: 3, unhelpful: 1 })).toBe(0.75);
  expect(helpful({ helpful: 0, unhelpful: 0 })).toBeNull();
  expect(helpful(undefined)).toBeNull();
});

test("a section is called as the reader speaks, else as it can be", () => {
  const section = { id: "CY1", firm_id: "FI1", names: { en: "Delivery" }, position: 0 };
  expect(nameOf(section, "fr")).toBe("Delivery");
});

test("every state can be left", () => {
  for (const acts of Object.values(ACTS)) expect(acts.length).toBeGreaterThan(0);
});

test("articles are sought in the customer’s language, else in the agent’s", () => {
  expect(["fr-CA", "EN", "de", null].map((each) => languageOf(each, "fr"))).toEqual(["fr", "en", "fr", "fr"]);
});
