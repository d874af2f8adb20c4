import { describe, expect, it } from "vitest";
import { numbersIn } from "./number.ts";

describe("numbers in a text", () => {
  it.each([
    ["Call me at +33 6 12 84 90 11, please", ["+33612849011"]],
    ["Rappelez-moi au 06.12.84.90.11.", ["0612849011"]],
    ["+33 (0)6 12 84 90 11 or 0044 1632 960001", ["+33612849011", "+441632960001"]],
    ["Twice: 06 12 84 90 11, 0612849011", ["0612849011"]],
  ])("finds %s", (text, numbers) => expect(numbersIn(text)).toEqual(numbers));

  it.each(["Order 2026-1122-0042 of 12 000 000", "Invoice A0612849011", "In 2026, 15 cars", "call 112", "06 12 84", "1+33612849011"])(
    "leaves %s alone",
    (text) => expect(numbersIn(text)).toEqual([]),
  );
});
