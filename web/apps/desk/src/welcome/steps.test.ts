import { describe, expect, it } from "vitest";
import { choiceOf, textsOf, weekOfTexts } from "./week.ts";
import { type Document, isDone, openSteps, slug, STEPS } from "./steps.ts";

const level = { within_seconds: 20 };
const fresh: Document = {
  firm: { name: "Parlons", languages: ["en", "fr"] },
  hours: [],
  queues: [{ name: "Everyone", service_level: level }],
  workflows: [{ name: "First come, first served", default_queue: "Everyone" }],
  users: [{ email: "admin@parlons.local", name: "Administrator", role: "administrator" }],
  widgets: [],
  entry_points: [],
};

const north: Document = {
  ...fresh,
  firm: { name: "North", languages: ["en"], usual_hours: "Usual" },
  hours: [{ firm: "North", name: "Usual", zone: "Europe/Paris", week: {} }],
  queues: [{ name: "Reception", firm: "North", service_level: level }],
  users: [
    { email: "ada@north.example", name: "Ada", role: "agent" },
    { email: "ben@north.example", name: "Ben", role: "agent" },
  ],
  widgets: [{ key: "north", firm: "North", origins: [], texts: {} }],
  entry_points: [
    { channel: "webchat", address: "north", firm: "North" },
    { channel: "voice", address: "north", firm: "North" },
  ],
};

describe("first steps", () => {
  it("are all open in a new installation", () => expect(openSteps(fresh)).toEqual(STEPS));

  it("are all done in a centre that has everything", () => expect(openSteps(north)).toEqual([]));

  it("count what belongs to the firm only", () => {
    expect(isDone("queue", { ...north, queues: [{ name: "Other", firm: "South", service_level: level }] })).toBe(false);
    expect(isDone("chat", { ...north, widgets: [{ key: "south", firm: "South", origins: [], texts: {} }] })).toBe(false);
  });

  it("take a number of the street for no line of a page", () =>
    expect(isDone("call", { ...north, entry_points: [{ channel: "voice", address: "+33155500000", firm: "North" }] })).toBe(
      false,
    ));

  it.each([
    ["Garage Nord", "garage-nord"],
    ["Crème & Œufs", "creme-ufs"],
    ["É", "e-chat"],
    ["", "chat"],
    ["日本", "chat"],
    ["x".repeat(90), "x".repeat(40)],
  ])("makes a word of %j", (name, word) => expect(slug(name)).toBe(word));
});

describe("a week", () => {
  it("is known again as what was chosen", () => {
    expect(choiceOf({ "mon-fri": ["09:00-18:00"] })).toBe("office");
    expect(choiceOf({ "mon-sun": ["00:00-24:00"] })).toBe("always");
    expect(choiceOf({ "sat-mon": ["10:00-12:00"] })).toBe("own");
  });

  it("reads what people type", () => {
    const typed = { mon: "09:00 – 12:30, 14:00-18:00,", tue: " ", sat: "10:00-12:00" };
    expect(weekOfTexts(typed)).toEqual({ mon: ["09:00-12:30", "14:00-18:00"], sat: ["10:00-12:00"] });
    expect(weekOfTexts(textsOf(weekOfTexts(typed)))).toEqual(weekOfTexts(typed));
  });
});
