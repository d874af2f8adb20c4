import { expect, test } from "vitest";
import { byDay, dayIn, timeIn } from "./appointments.ts";

const AT = ["2026-11-24T22:30:00.000Z", "2026-11-24T23:30:00.000Z", "2026-11-25T08:00:00.000Z"];

test("times are said on the firm's clocks, whatever those of the desk", () => {
  expect(timeIn(AT[1]!, "Europe/Paris", "fr")).toBe("00:30");
  expect(dayIn(AT[1]!, "Europe/Paris", "fr")).toBe("mercredi 25 novembre");
  expect(dayIn(AT[1]!, "America/New_York", "en")).toBe("Tuesday 24 November");
});

test("free times stand in groups of their days, in order", () => {
  const slots = { zone: "Europe/Paris", items: AT.map((starts_at) => ({ starts_at, places: 1 })) };
  expect(byDay(slots, "fr").map((each) => [each.group, each.items.map((one) => one.label)])).toEqual([
    ["mardi 24 novembre", ["23:30"]],
    ["mercredi 25 novembre", ["00:30", "09:00"]],
  ]);
});
