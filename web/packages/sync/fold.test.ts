import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FoldEvent, fold } from "./fold.ts";

const folder = join(import.meta.dirname, "fixtures");

interface Fixture {
  snapshot: object;
  events: FoldEvent[];
  after: object;
}

describe("fold", () => {
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".json"))) {
    it(`reaches the fresh snapshot of ${name}`, () => {
      const { snapshot, events, after } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Fixture;
      expect(events.reduce(fold, snapshot)).toEqual(after);
    });
  }

  it("leaves its argument and untouched maps as they were", () => {
    const before = { tasks: { a: { id: "a", status: "pending" } }, queues: {} };
    const after = fold(before, {
      data: { task: { id: "a", status: "completed" } },
    });
    expect(after.tasks).toEqual({});
    expect(before.tasks).toHaveProperty("a");
    expect(after.queues).toBe(before.queues);
  });

  it("forgets what is removed", () => {
    const after = fold({ workers: { w: { id: "w" } } }, { data: { removed: { worker: "w" } } });
    expect(after).toEqual({ workers: {} });
  });
});
