import { describe, expect, it } from "vitest";
import { isQuiet, soundFor, within } from "./quiet.ts";

const at = (time: string) => new Date(`2026-11-22T${time}:00`);
const rules = { on_call: false, calls_ring: true, begins: "22:00", ends: "07:00", until: null };
const chat = { onCall: false, call: false };

describe("quiet", () => {
  it("knows hours that pass midnight", () => {
    expect(within("22:00", "07:00", at("23:30"))).toBe(true);
    expect(within("22:00", "07:00", at("06:59"))).toBe(true);
    expect(within("22:00", "07:00", at("07:00"))).toBe(false);
    expect(within("12:00", "13:00", at("12:30"))).toBe(true);
    expect(within("12:00", "12:00", at("12:00"))).toBe(false);
  });

  it("lets calls ring through when asked to, but not into a call", () => {
    expect(isQuiet(rules, { ...chat, now: at("23:00") })).toBe(true);
    expect(isQuiet(rules, { now: at("23:00"), onCall: false, call: true })).toBe(false);
    expect(isQuiet({ ...rules, calls_ring: false }, { now: at("23:00"), onCall: false, call: true })).toBe(true);
    expect(isQuiet({ ...rules, on_call: true }, { now: at("12:00"), onCall: true, call: true })).toBe(true);
  });

  it("ends by itself", () => {
    const hour = { ...rules, begins: null, ends: null, until: at("15:00").toISOString() };
    expect(isQuiet(hour, { ...chat, now: at("14:59") })).toBe(true);
    expect(isQuiet(hour, { ...chat, now: at("15:00") })).toBe(false);
    expect(isQuiet(null, { ...chat, now: at("15:00") })).toBe(false);
  });

  it("has a sound for each channel", () => {
    expect(soundFor(null, "webchat")).toBe("knock");
    expect(soundFor({ webchat: "bell" }, "webchat")).toBe("bell");
    expect(soundFor({ other: "off" }, "email")).toBe("off");
  });
});
