import { describe, expect, it } from "vitest";
import { Side } from "./side.ts";
import type { Signal } from "./signal.ts";

/** Both sides without cameras, up to the page's offer: what follows needs a browser. */
function pair() {
  const said: { page: Signal[]; desk: Signal[] } = { page: [], desk: [] };
  const make = (role: "page" | "desk") => new Side(role, () => [], (signal) => said[role].push(signal), () => undefined);
  return { said, page: make("page"), desk: make("desk") };
}

describe("a side of a picture", () => {
  it("asks, and opens nothing before the other side accepts", async () => {
    const { said, page, desk } = pair();
    await desk.ask(false);
    expect(desk.state.video).toBe("asking");
    await page.heard(said.desk[0]!);
    expect(page.state).toMatchObject({ video: "asked", own: null });
    page.decline();
    await desk.heard(said.page[0]!);
    expect(desk.state).toMatchObject({ video: "off", why: "declined" });
  });

  it("lets the page's attempt count when both ask at once", async () => {
    const { said, page, desk } = pair();
    await desk.ask(false);
    await page.ask(false);
    await page.heard(said.desk[0]!);
    await desk.heard(said.page[0]!);
    expect(page.state.video).toBe("asking");
    expect(desk.state.video).toBe("connecting");
    expect(said.desk[1]).toEqual({ kind: "accept", session: said.page[0]!.session });
  });

  it("passes by what belongs to an earlier attempt", async () => {
    const { said, page, desk } = pair();
    await page.ask(false);
    page.stop();
    await page.ask(false);
    await page.heard({ kind: "decline", session: said.page[0]!.session });
    expect(page.state.video).toBe("asking");
    expect(desk.state.video).toBe("off");
  });

  it("takes back a question that was not answered", async () => {
    const { said, page, desk } = pair();
    await page.ask(false);
    await desk.heard(said.page[0]!);
    page.stop();
    await desk.heard(said.page[1]!);
    expect(desk.state).toMatchObject({ video: "off", why: null });
  });
});
