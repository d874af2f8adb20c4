import { describe, expect, it } from "vitest";
import { KEYMAP, match, pressed, printed, RESERVED } from "./keymap.ts";

const lines = Object.entries(KEYMAP);
const plain = {
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  code: "",
};

describe("keymap", () => {
  it("uses no key that a browser keeps for itself", () => {
    for (const [name, line] of lines) expect(RESERVED, name).not.toContain(line.keys);
  });

  it("gives each key one meaning", () => {
    expect(new Set(lines.map(([, line]) => line.keys)).size).toBe(lines.length);
  });

  it("lets plain letters act outside fields only", () => {
    for (const [name, line] of lines) if (!line.keys.includes("ctrl")) expect(line.where, name).toBe("letters");
    expect(match("r", null, false)).toBeNull();
    expect(match("r", null, true)).toEqual({ command: "reply" });
    expect(match("ctrl+shift+a", null, false)).toEqual({ command: "take" });
  });

  it("reads sequences and states", () => {
    expect(match("g", null, true)).toEqual({ waiting: "g" });
    expect(match("l", "g", true)).toEqual({ command: "goLive" });
    expect(match("ctrl+shift+3", null, false)).toEqual({
      command: "state",
      state: 3,
    });
  });

  it("reads presses of both keyboards", () => {
    expect(
      pressed({
        ...plain,
        key: "A",
        code: "KeyQ",
        ctrlKey: true,
        shiftKey: true,
      }),
    ).toBe("ctrl+shift+a");
    expect(
      pressed({
        ...plain,
        key: "1",
        code: "Digit1",
        ctrlKey: true,
        shiftKey: true,
      }),
    ).toBe("ctrl+shift+1");
    expect(
      pressed({
        ...plain,
        key: "!",
        code: "Digit1",
        ctrlKey: true,
        shiftKey: true,
      }),
    ).toBe("ctrl+shift+1");
    expect(pressed({ ...plain, key: "?", code: "Comma", shiftKey: true })).toBe("?");
    expect(pressed({ ...plain, key: "Z", code: "KeyW", shiftKey: true })).toBe("shift+z");
  });

  it("prints keys", () => {
    expect(printed("take", { ctrl: "Ctrl", shift: "Maj", enter: "Entrée" })).toBe("Ctrl Maj A");
    expect(printed("close", { ctrl: "Ctrl", shift: "Maj", enter: "Entrée" })).toBe("E");
  });
});
