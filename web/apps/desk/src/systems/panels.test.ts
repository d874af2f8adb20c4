import { expect, it } from "vitest";
import { contextMessage, wishOf } from "./panels.ts";

const CONVERSATION = `CH${"0".repeat(32)}`;

it("understands what a page may wish", () => {
  expect(wishOf({ parlons: 1, type: "ready" })).toEqual({ type: "ready" });
  expect(wishOf({ parlons: 1, type: "open", conversation_id: CONVERSATION })).toEqual({ type: "open", conversation_id: CONVERSATION });
  expect(wishOf({ parlons: 1, type: "insert", text: " Bonjour " })).toEqual({ type: "insert", text: "Bonjour" });
  expect(wishOf({ parlons: 1, type: "resize", height: 99_999 })).toEqual({ type: "resize", height: 1200 });
  expect(wishOf({ parlons: 1, type: "resize", height: -5 })).toEqual({ type: "resize", height: 80 });
});

it("does nothing for anything else", () => {
  for (const data of [null, 3, "ready", [], {}, { type: "ready" }, { parlons: 2, type: "ready" }, { parlons: 1, type: "sign out" }])
    expect(wishOf(data)).toBeNull();
  for (const id of ["../settings", "CH1", `${CONVERSATION}/../x`, 5]) expect(wishOf({ parlons: 1, type: "open", conversation_id: id })).toBeNull();
  for (const text of ["", "  ", "x".repeat(8001), null]) expect(wishOf({ parlons: 1, type: "insert", text })).toBeNull();
  for (const height of ["80", Number.NaN, Number.POSITIVE_INFINITY]) expect(wishOf({ parlons: 1, type: "resize", height })).toBeNull();
});

it("tells ids and the language", () => {
  expect(contextMessage({ customer_id: "CU1" }, "t", "fr")).toEqual({
    parlons: 1,
    type: "context",
    context: { customer_id: "CU1", language: "fr" },
    token: "t",
  });
});
