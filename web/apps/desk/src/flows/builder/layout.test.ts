import { describe, expect, it } from "vitest";
import { added, connected, movedTo } from "./edit.ts";
import { heightOf, laidOut, neighbour, placesOf, WIDTH } from "./layout.ts";
import { litBy, painter, type Sight } from "./picture.ts";
import { stepsOf } from "./ports.ts";
import { CATALOGUE, flowOf } from "./sample.ts";
import type { Played } from "./server.ts";

const flow = flowOf();
const laid = laidOut(CATALOGUE, flow);

describe("the picture", () => {
  it("lays every step out, none over another, the way to the right", () => {
    expect([...laid.keys()]).toEqual([...stepsOf(flow).keys()]);
    const all = [...laid];
    for (const [name, [x, y]] of all)
      for (const [other, [ox, oy]] of all)
        if (name !== other) expect(Math.abs(x - ox) >= WIDTH || y + heightOf(CATALOGUE, stepsOf(flow).get(name)) <= oy || oy + heightOf(CATALOGUE, stepsOf(flow).get(other)) <= y, `${name} ${other}`).toBe(true);
    expect(laid.get("way")![0]).toBeGreaterThan(laid.get("menu")![0]);
  });

  it("puts a new step beside the one that leads to it and leaves the others", () => {
    const [more, name] = added(flow, CATALOGUE, "end");
    const places = placesOf(CATALOGUE, connected(more, "alone", ["next"], name), laid);
    expect(places.get(name)![0]).toBe(laid.get("alone")![0] + WIDTH + 96);
    for (const each of laid.keys()) expect(places.get(each)).toEqual(laid.get(each));
    expect(placesOf(CATALOGUE, movedTo(flow, new Map([["menu", [5, 6] as const]])), laid).get("menu")).toEqual([5, 6]);
  });

  it("is walked by arrows", () => {
    const go = (from: string, arrow: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown") => neighbour(CATALOGUE, flow, laid, from, arrow);
    expect(go("menu", "ArrowRight")).toBe("way");
    expect(go("way", "ArrowLeft")).toBe("menu");
    const reached = new Set(["menu"]);
    for (let before = 0; before !== reached.size; ) {
      before = reached.size;
      for (const each of [...reached]) for (const arrow of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const) reached.add(go(each, arrow) ?? each);
    }
    expect(reached.size).toBe(stepsOf(flow).size);
  });

  it("draws again only what an edit touched", () => {
    const paint = painter();
    const sight: Sight = { catalogue: CATALOGUE, flow, laid, chosen: [], stop: "menu", lit: litBy(null), problems: [], traffic: null, locale: "en" };
    const before = paint(sight);
    const after = paint({ ...sight, flow: connected(flow, "alone", ["next"], "bye") });
    const same = after.nodes.filter((node) => before.nodes.includes(node)).map(({ id }) => id);
    expect(same).toEqual(["menu", "way", "agent", "bye"]);
    expect(after.edges.filter((edge) => !before.edges.includes(edge)).map(({ id }) => id)).toEqual(["alone next"]);
  });

  it("lights the way a played contact took", () => {
    const lit = litBy({ path: [{ from: null, port: null, to: "menu" }, { from: "menu", port: null, ports: ["a", "b"], to: "bye" }] } as unknown as Played);
    expect([...lit.steps]).toEqual(["menu", "bye"]);
    expect([...lit.ways]).toEqual(["menu a", "menu b"]);
  });
});
