import { describe, expect, it } from "vitest";
import en from "../i18n/en/hooks.json";
import { grouped } from "./webhooks.ts";

describe("webhooks", () => {
  it("puts events under what they are about", () => {
    expect(grouped(["task.created", "call.ended", "task.canceled"])).toEqual([
      ["task", ["task.created", "task.canceled"]],
      ["call", ["call.ended"]],
    ]);
  });

  it("has words for each group of events", () => {
    const groups = Object.keys(en.hooks.group).sort((a, b) => b.length - a.length);
    for (const kind of Object.keys(en.hooks.kind)) expect(groups.some((each) => kind.startsWith(`${each}_`)), kind).toBe(true);
  });
});
