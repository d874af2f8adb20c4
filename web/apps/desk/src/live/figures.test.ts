import type { Snapshot, Worker } from "@parlons/client/types.ts";
import { describe, expect, it } from "vitest";
import { alarmOf, people, queueLines, remedy } from "./figures.ts";

const worker = (id: string, activity_id: string, since: string) =>
  ({
    ...{ id, name: id, activity_id, activity_since: since, reachable: true },
    channels: { chat: { capacity: 3, assigned: 0, reserved: 0, available: true } },
  }) as unknown as Worker;

const snapshot = {
  activities: {
    on: { id: "on", name: "Available", available: true },
    rest: { id: "rest", name: "Break", available: false },
    out: { id: "out", name: "Offline", available: false },
    miss: { id: "miss", name: "Missed", available: false },
  },
  queues: {
    a: {
      id: "a",
      name: "A",
      firm_id: null,
      waiting: 0,
      oldest_entered_at: null,
      target_seconds: 30,
    },
    b: {
      id: "b",
      name: "B",
      firm_id: null,
      waiting: 0,
      oldest_entered_at: null,
      target_seconds: 30,
    },
  },
  tasks: {
    t: {
      id: "t",
      status: "pending",
      queue_id: "b",
      created_at: "2026-01-01T00:00:00Z",
      entered_queue_at: null,
    },
  },
  workers: {
    r: worker("r", "rest", "2026-01-01T00:00:01Z"),
    m: worker("m", "miss", "2026-01-01T00:00:02Z"),
    f: worker("f", "on", "2026-01-01T00:00:03Z"),
    o: worker("o", "out", "2026-01-01T00:00:00Z"),
  },
  reservations: {},
  conversations: {},
} as unknown as Snapshot;

describe("figures", () => {
  it("puts the queue in trouble first", () => {
    const lines = queueLines(snapshot, {}, Date.parse("2026-01-01T00:01:00Z"));
    expect(lines.map((line) => line.queue.id)).toEqual(["b", "a"]);
    expect(lines[0]!.waiting).toHaveLength(1);
  });

  it("raises an alarm at the limits set, else at the target", () => {
    const now = Date.parse("2026-01-01T00:01:00Z");
    const [line] = queueLines(snapshot, {}, now);
    const limits = { id: "b", waiting: null, oldest_seconds: null, share: null };
    expect(alarmOf(line!, undefined, now)).toEqual({ cause: "oldest", limit: 30 });
    expect(alarmOf(line!, limits, now)).toEqual({ cause: "oldest", limit: 30 });
    expect(alarmOf(line!, { ...limits, oldest_seconds: 90 }, now)).toBeNull();
    expect(alarmOf(line!, { ...limits, waiting: 1 }, now)).toEqual({ cause: "waiting", limit: 1 });
    const low = { ...line!, live: { service_level: 0.5 } } as typeof line;
    expect(alarmOf(low!, { ...limits, share: 0.6 }, now)).toEqual({ cause: "share", limit: 0.6 });
  });

  it("sorts people by who needs help", () => {
    const { here, off } = people(snapshot, new Set());
    expect(here.map((each) => each.worker.id)).toEqual(["m", "f", "r"]);
    expect(off.map((each) => each.worker.id)).toEqual(["o"]);
  });

  it("finds who could help", () => {
    const { here } = people(snapshot, new Set());
    expect(remedy(here, snapshot)).toMatchObject({
      kind: "assign",
      person: { worker: { id: "f" } },
    });
    expect(
      remedy(
        here.filter((each) => each.shape !== "ready"),
        snapshot,
      ),
    ).toMatchObject({ kind: "recall" });
    expect(remedy([], snapshot)).toBeNull();
  });
});
