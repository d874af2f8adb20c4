import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { changeLayout } from "./layout.ts";

/** What was sent, and how each is answered. */
let sent: { view: string; keepalive: boolean; answer: () => void }[];
/** What the page does when it goes away. */
const leave = vi.hoisted(() => {
  const acts: (() => void)[] = [];
  vi.stubGlobal("addEventListener", (event: string, act: () => void) => event === "pagehide" && acts.push(act));
  return () => acts.forEach((act) => act());
});

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  vi.stubGlobal("fetch", (_: string, { body, keepalive }: { body: string; keepalive: boolean }) =>
    new Promise((done) => {
      sent.push({ view: JSON.parse(body).view, keepalive, answer: () => done(new Response("{}")) });
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const views = () => sent.map(({ view }) => view);

describe("how the floor is arranged", () => {
  it("is kept one change after the other, and although the page goes away", async () => {
    changeLayout({ view: "tiles" });
    await vi.advanceTimersByTimeAsync(1000);
    changeLayout({ view: "table" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(views()).toEqual(["tiles"]);
    sent[0]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(views()).toEqual(["tiles", "table"]);
    changeLayout({ view: "tiles" });
    leave();
    expect(sent.map(({ keepalive }) => keepalive)).toEqual([false, false, true]);
  });
});
