import { describe, expect, it } from "vitest";
import { productLine } from "./product.ts";

describe("what a page shows", () => {
  it("says the price in the reader's way, the article and what the site adds", () => {
    const car = { name: "Vela 1.2", price: "11900", currency: "EUR", sku: "vela-12", colour: "red" };
    expect(productLine(car, "en")).toBe("€11,900 · vela-12 · colour red");
    expect(productLine(car, "fr")).toBe("11\u00a0900\u00a0€ · vela-12 · colour red");
  });
  it("writes nonsense as it was given, and no more than a line of it", () => {
    expect(productLine({ price: "on request", currency: "EUR" }, "en")).toBe("on request EUR");
    expect(productLine({ price: "9.5", currency: "<b>" }, "en")).toBe("9.5 <b>");
    expect(productLine({ price: "1", a: "1", b: "2", c: "3", d: "4", e: "5" }, "en")).toBe("1 · a 1 · b 2 · c 3 · d 4");
    expect(productLine({ name: "Only a name" }, "en")).toBe("");
  });
});
