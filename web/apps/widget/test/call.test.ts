import { describe, expect, it } from "vitest";
import { CallRefused, type Standing } from "../src/call/api";
import { atFirst, isOver, troubleOf } from "../src/call/session";
import { clock, standing } from "../src/call/standing";
import { dictionaries, say } from "../src/call/words";

const at = (more: Partial<Standing>): Standing => ({
  ...{ id: "CA1", state: "talking", agent_name: "", captions: [], position: null },
  ...{ started_at: "2026-01-01T00:00:00Z", ended_at: null },
  ...more,
});
const says = (more: Partial<Standing>) =>
  standing({ ...atFirst, phase: "up", standing: at(more) }, (word, values) => say("en", word, values));

describe("where a call stands", () => {
  it("is one sentence for each state", () => {
    expect(says({ state: "waiting" })).toBe("You wait for an adviser");
    expect(says({ state: "waiting", position: 1 })).toBe("You are next");
    expect(says({ state: "waiting", position: 3 })).toBe("You are number 3 in line");
    expect(says({ agent_name: "Inès" })).toBe("On the line with Inès");
    expect(says({})).toBe("On the line");
    expect(new Set((["held", "consulting", "parked"] as const).map((state) => says({ state }))).size).toBe(1);
  });

  it("is over for the caller while the adviser still writes", () => {
    expect(isOver(at({ state: "wrapping" }))).toBe(true);
    expect(isOver(at({ state: "ended" }))).toBe(true);
    expect(isOver(at({ state: "held" }))).toBe(false);
  });

  it("says what stands in the way", () => {
    expect(troubleOf("refused")).toBe("refused");
    expect(troubleOf(new CallRefused(404))).toBe("unknown");
    expect(troubleOf(new CallRefused(429))).toBe("busy");
    expect(troubleOf(new CallRefused(0))).toBe("failed");
    expect(troubleOf(new TypeError("x"))).toBe("failed");
  });

  it("counts minutes and seconds", () => {
    expect([clock(-5), clock(59_999), clock(61_000), clock(3_600_000)]).toEqual(["0:00", "0:59", "1:01", "60:00"]);
  });
});

describe("words of a call", () => {
  it("fills in the same values in both languages", () => {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
    for (const [word, text] of Object.entries(dictionaries.en))
      expect(values(dictionaries.fr[word as keyof typeof dictionaries.fr]), word).toEqual(values(text));
  });

  it("sets French as French is set", () => {
    expect(say("fr", "sent", { keys: "1" })).toBe("Envoyé\u00a0: 1");
    for (const text of Object.values(dictionaries.fr)) expect(text).not.toContain("'");
  });
});
