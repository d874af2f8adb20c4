import { describe, expect, it } from "vitest";
import { KEYMAP, match, pressed, printed, RESERVED, takenBy } from "./keymap.ts";

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

  it("lets single letters be moved, and nothing else", () => {
    const moved = { reply: "x", take: "q", letters: "on", goDesk: "d" };
    expect(match("x", null, true, moved)).toEqual({ command: "reply" });
    expect(match("r", null, true, moved)).toBeNull();
    expect(match("x", null, false, moved)).toBeNull();
    expect(match("q", null, true, moved)).toBeNull();
    expect(match("d", "g", true, moved)).toEqual({ command: "goDesk" });
    expect(printed("reply", { ctrl: "Ctrl", shift: "Maj", enter: "Entrée" }, moved)).toBe("X");
  });

  it("gives no key away twice", () => {
    expect(takenBy("e", "reply", {})).toBe("close");
    expect(takenBy("x", "reply", {})).toBeNull();
    expect(takenBy("r", "close", { reply: "x" })).toBeNull();
    expect(takenBy("x", "close", { reply: "x" })).toBe("reply");
    expect(takenBy("g", "reply", {})).toBe("sequence");
    expect(takenBy(" ", "reply", {})).toBe("sign");
  });

  it("prints keys", () => {
    expect(printed("take", { ctrl: "Ctrl", shift: "Maj", enter: "Entrée" })).toBe("Ctrl Maj A");
    expect(printed("close", { ctrl: "Ctrl", shift: "Maj", enter: "Entrée" })).toBe("E");
  });
});
