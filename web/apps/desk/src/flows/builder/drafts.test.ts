import { expect, test } from "vitest";
import { resumed, type Written } from "./drafts.ts";
import type { KeptDraft } from "./kept.ts";

const there: Written = { user_id: "US1", author: "Inès", mine: true, version: 2, etag: "7", at: "2026-11-23T10:00:00Z", text: "theirs" };
const here: KeptDraft = { text: "mine", version: 1, at: "2026-11-23T11:00:00Z", etag: "7", sent: false };

test("a draft of another machine is gone on with", () => {
  expect(resumed(null, null)).toEqual({ draft: null, etag: null, clash: null });
  expect(resumed(null, there)).toEqual({ draft: there, etag: "7", clash: null });
  expect(resumed({ ...here, etag: "6", sent: true }, there)).toEqual({ draft: there, etag: "7", clash: null });
});

test("what the server had and has no more was ended elsewhere", () => {
  expect(resumed({ ...here, sent: true }, null)).toEqual({ draft: null, etag: null, clash: null });
});

test("what never reached the server is not lost", () => {
  expect(resumed(here, null)).toEqual({ draft: here, etag: null, clash: null });
  expect(resumed(here, there)).toEqual({ draft: here, etag: "7", clash: null });
  const kept = JSON.parse('{"text": "old", "version": 1, "at": "2026-11-01T11:00:00Z"}') as KeptDraft;
  expect(resumed(kept, null).draft).toBe(kept);
});

test("two changes of one draft: both are there to choose", () => {
  expect(resumed({ ...here, etag: "6" }, there)).toEqual({ draft: { ...here, etag: "6" }, etag: "6", clash: there });
  expect(resumed({ ...here, etag: "6", text: "theirs" }, there).clash).toBeNull();
});
