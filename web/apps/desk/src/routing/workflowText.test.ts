import { describe, expect, it } from "vitest";
import { emptyTarget, type Workflow } from "./model.ts";
import { fromText, isWrong, toText } from "./workflowText.ts";

const workflow: Workflow = {
  name: "Chats",
  firm: null,
  reservation_timeout_seconds: 30,
  filters: [
    {
      name: "Tricky: #1",
      when: 'language == "fr" AND note == "a: b"',
      targets: [
        { ...emptyTarget("Used cars"), expression: "task.language IN worker.languages", priority: 0, timeout_seconds: 45 },
        { ...emptyTarget(null), order_by: "worker.levels.sales DESC", skip_if: "workers.available == 0" },
      ],
    },
    { name: "yes", when: "1 == 1", targets: [emptyTarget("null")] },
  ],
  default_queue: "123",
};

describe("a workflow as text", () => {
  it("reads back what it writes, odd names too", () => {
    const { name: _, firm: __, ...led } = workflow;
    expect(fromText(toText(workflow))).toEqual(led);
    expect(fromText(toText({ ...workflow, filters: [], default_queue: null }))).toEqual({
      filters: [],
      default_queue: null,
      reservation_timeout_seconds: 30,
    });
  });

  it("takes numbers for texts, as the file does", () => {
    const found = fromText("filters:\n  - name: 1\n    when: 1 == 1\n    targets: [{queue: 2}]");
    expect(isWrong(found) ? found : found.filters[0]).toEqual({ name: "1", when: "1 == 1", targets: [emptyTarget("2")] });
  });

  it.each([
    ["filters:\n  - name: [", "yaml", 2],
    ["filters: {a: 1}", "list", null],
    ["filters: [3]", "object", null],
    ["filters:\n  - when: 1 == 1", "text", null],
    ["filter: []", "unknown", null],
    ["reservation_timeout_seconds: soon", "number", null],
    ["filters:\n  - {name: a, when: 1 == 1, targets: [{queue: A, timeout_seconds: 1.5}]}", "number", null],
    ["filters:\n  - {name: a, when: 1 == 1, targets: [{que: A}]}", "unknown", null],
    ["a: &a [*a]", "yaml", null],
  ])("says what is wrong with %s", (text, message, line) => {
    const found = fromText(text);
    expect(isWrong(found)).toBe(true);
    if (isWrong(found) && message !== "yaml") expect(found).toMatchObject({ message, line });
    if (isWrong(found) && line) expect(found.line).toBeGreaterThanOrEqual(line);
  });
});
