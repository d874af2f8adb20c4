import type { ConversationSummary, Worker } from "@parlons/client/types.ts";
import { describe, expect, it } from "vitest";
import { activityShape, dueFirst, workerShape } from "./select.ts";

const conversation = (id: string, more: Partial<ConversationSummary>) =>
  ({
    id,
    status: "open",
    first_unanswered_at: null,
    last_message_at: null,
    ...more,
  }) as ConversationSummary;

describe("select", () => {
  it("puts who waits longest first and what is parked last", () => {
    const list = [
      conversation("parked", {
        status: "parked",
        first_unanswered_at: "2026-01-01T00:00:00Z",
      }),
      conversation("answered", { last_message_at: "2026-01-01T09:00:00Z" }),
      conversation("late", { first_unanswered_at: "2026-01-01T08:05:00Z" }),
      conversation("latest", { first_unanswered_at: "2026-01-01T08:00:00Z" }),
    ];
    expect(list.sort(dueFirst).map((each) => each.id)).toEqual(["latest", "late", "answered", "parked"]);
  });

  it("gives every activity one of seven shapes", () => {
    const shapes = ["Offline", "Available", "Break", "Wrap-up", "Missed"].map((name) =>
      activityShape({ id: name, name, available: name === "Available" }),
    );
    expect(shapes).toEqual(["off", "ready", "break", "wrap", "missed"]);
  });

  it("lets a lost line speak louder than the activity", () => {
    const activities = { a: { id: "a", name: "Available", available: true } };
    const worker = {
      id: "w",
      name: "W",
      activity_id: "a",
      activity_since: "",
      reachable: false,
      channels: { chat: { capacity: 3, assigned: 1, reserved: 0, available: true } },
    } as unknown as Worker;
    expect(workerShape(worker, activities)).toBe("lost");
    expect(workerShape({ ...worker, reachable: true }, activities)).toBe("contact");
  });
});
