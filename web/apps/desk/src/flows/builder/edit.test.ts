import { describe, expect, it } from "vitest";
import { differences } from "./difference.ts";
import { added, changed, connected, copied, freeName, movedTo, pasted, removed, renamedStep, repaired, unplaced } from "./edit.ts";
import { begun, edited, redone, undone } from "./history.ts";
import { edgesOf, knownPorts, languagesOf, portsOf, stepsOf, wordsIn } from "./ports.ts";
import { CATALOGUE, flowOf } from "./sample.ts";
import { found } from "./search.ts";
import { at, plain, type Value } from "./value.ts";
import { outlined } from "./outlining.ts";
import { variablesOf } from "./variables.ts";
import { isRead, read, write } from "./yaml.ts";

const flow = flowOf();
const ids = (name: string) => portsOf(CATALOGUE, stepsOf(flow).get(name)).map(({ id }) => id);

describe("the ways out of a step", () => {
  it("are those that its answers leave it, in the order written", () => {
    expect(ids("menu")).toEqual(["choices.9.next", "choices.1.next", "choices.0.next", "next", "no_input", "failed"]);
    expect(ids("way")).toEqual(["cases.0.next", "otherwise"]);
    expect(ids("agent")).toEqual(["keys.1", "unserved", "overflow"]);
    expect(ids("bye")).toEqual([]);
  });

  it("are loose where a contact would come to nothing", () => {
    const loose = (step: Value | undefined) => portsOf(CATALOGUE, step).filter((port) => port.loose).map(({ id }) => id);
    expect(loose(stepsOf(flow).get("menu"))).toEqual(["choices.1.next"]);
    expect(loose(stepsOf(flow).get("alone"))).toEqual(["next"]);
    expect(loose(stepsOf(flow).get("agent"))).toEqual([]);
    expect(loose(stepsOf(changed(flow, "menu", ["next"], "bye")).get("menu"))).toEqual([]);
    expect(loose(new Map<string, Value>([["do", "ask"], ["answer", "yes_no"]]))).toEqual(["yes", "no"]);
    expect(loose(new Map<string, Value>([["do", "queue"], ["max_waiting", 3]]))).toEqual(["overflow"]);
    expect(loose(new Map<string, Value>([["do", "unheard"]]))).toEqual([]);
  });

  it("are remembered as long as the step is the same", () => {
    const step = stepsOf(flow).get("menu");
    expect(knownPorts(CATALOGUE, step)).toBe(knownPorts(CATALOGUE, step));
  });
});

describe("an edit", () => {
  it("touches nothing else", () => {
    const after = changed(flow, "agent", ["text"], "Hello");
    expect(stepsOf(after).get("menu")).toBe(stepsOf(flow).get("menu"));
    expect(at(flow, ["steps", "agent", "text"])).toBe("Hello {customer.name}");
  });

  it("adds a step with what it must have, in the languages of the flow", () => {
    const [after, name] = added(flow, CATALOGUE, "say", "bye", [10.4, 20.6]);
    expect(name).toBe("bye_2");
    expect(plain(stepsOf(after).get(name)!)).toEqual({ do: "say", text: { en: "", fr: "" }, at: [10, 21] });
    const [only, first] = added(new Map<string, Value>([["name", "New"]]), CATALOGUE, "ask");
    expect(only.get("start")).toBe(first);
    expect(languagesOf(only)).toEqual(["en"]);
    expect(freeName(flow, "fresh")).toBe("fresh");
  });

  it("connects and disconnects", () => {
    const open = connected(flow, "menu", ["choices", "9", "next"], null);
    expect(plain(at(open, ["steps", "menu", "choices", "9"])!)).toEqual({});
    expect(at(connected(open, "menu", ["choices", "9", "next"], "bye"), ["steps", "menu", "choices", "9", "next"])).toBe("bye");
    expect(at(connected(flow, "way", ["cases", 0, "next"], null), ["steps", "way", "cases", 0, "next"])).toBeUndefined();
    expect(at(connected(flow, "way", ["cases", "0", "next"], "bye"), ["steps", "way", "cases", 0, "next"])).toBe("bye");
    expect(at(connected(flow, "menu", ["failed"], null), ["steps", "menu", "failed"])).toBeUndefined();
  });

  it("removes a step and what led to it, and moves the start", () => {
    const after = removed(flow, CATALOGUE, ["menu", "bye"]);
    expect(after.get("start")).toBe("way");
    expect(edgesOf(CATALOGUE, after).filter(({ to }) => to === "bye" || to === "menu")).toEqual([]);
    expect(removed(flow, CATALOGUE, ["menu", "way", "agent", "bye", "alone"]).get("start")).toBe("");
  });

  it("calls a step otherwise wherever it is named", () => {
    const after = renamedStep(flow, CATALOGUE, "menu", "front door");
    expect([...stepsOf(after).keys()][0]).toBe("front door");
    expect(after.get("start")).toBe("front door");
    expect(at(after, ["steps", "way", "cases", 0, "when"])).toContain("result.front door.digits");
    const other = renamedStep(flow, CATALOGUE, "bye", "end");
    expect(edgesOf(CATALOGUE, other).filter(({ to }) => to === "end")).toHaveLength(3);
    expect(renamedStep(flow, CATALOGUE, "bye", "agent")).toBe(flow);
    expect(renamedStep(flow, CATALOGUE, "bye", "é")).toBe(flow);
  });

  it("pastes copies that lead to each other", () => {
    const [after, names] = pasted(flow, CATALOGUE, copied(flow, ["way", "agent"]));
    expect(names).toEqual(["way_2", "agent_2"]);
    expect(at(after, ["steps", "way_2", "cases", 0, "next"])).toBe("agent_2");
    expect(at(after, ["steps", "way_2", "otherwise"])).toBe("bye");
    const [elsewhere] = pasted(new Map<string, Value>([["name", "Other"]]), CATALOGUE, copied(flow, ["way"]));
    expect(edgesOf(CATALOGUE, elsewhere).filter(({ to }) => to !== null)).toEqual([]);
    expect(elsewhere.get("start")).toBe("way");
  });

  it("is what the server offers as a repair", () => {
    expect(at(repaired(flow, CATALOGUE, { offer: "connect", step: "alone", path: ["next"], to: "bye" }), ["steps", "alone", "next"])).toBe("bye");
    expect(stepsOf(repaired(flow, CATALOGUE, { offer: "remove", step: "alone" })).has("alone")).toBe(false);
    const more = repaired(flow, CATALOGUE, { offer: "add", name: "person", kind: "queue", fields: { queue: "Desk" }, connect: { step: "alone", path: ["next"] } });
    expect(plain(stepsOf(more).get("person")!)).toEqual({ do: "queue", queue: "Desk" });
    expect(at(more, ["steps", "alone", "next"])).toBe("person");
    expect(repaired(flow, CATALOGUE, { offer: "start", to: "way" }).get("start")).toBe("way");
    expect(at(repaired(flow, CATALOGUE, { offer: "set", step: null, path: ["fallback"], value: "Desk" }), ["fallback"])).toBe("Desk");
    expect(repaired(flow, CATALOGUE, { offer: "of tomorrow" })).toBe(flow);
  });

  it("can be undone and done again; typing into one field is one", () => {
    const one = edited(begun(flow), changed(flow, "bye", ["text"], "B"), "bye.text");
    const two = edited(one, changed(one.flow, "bye", ["text"], "By"), "bye.text");
    expect(two.past).toHaveLength(1);
    const back = undone(two);
    expect(back.flow).toBe(flow);
    expect(redone(back).flow).toBe(two.flow);
    expect(undone(back)).toBe(back);
    expect(edited(back, changed(flow, "bye", ["text"], "C")).future).toEqual([]);
  });
});

describe("the flow as it is read", () => {
  it("says what a draft changes; a place is no change", () => {
    const after = removed(changed(movedTo(flow, new Map([["bye", [1, 2] as const]])), "agent", ["queue"], "Desk"), CATALOGUE, ["alone"]);
    expect(differences(flow, after)).toEqual([
      { step: "agent", change: "changed", fields: [{ field: "queue", before: undefined, after: "Desk" }] },
      { step: "alone", change: "removed", fields: [] },
    ]);
    expect(differences(flow, unplaced(after)).length).toBe(2);
  });

  it("knows who sets and reads a variable", () => {
    const all = new Map(variablesOf(CATALOGUE, flow).map((each) => [each.name, each]));
    expect([...all.keys()]).toEqual(["brand", "customer", "tier", "wish"]);
    expect(all.get("brand")).toMatchObject({ set: [null], used: ["bye"] });
    expect(all.get("wish")).toMatchObject({ set: ["menu"], used: ["way"] });
    expect(all.get("tier")?.brought).toBe(true);
  });

  it("is searched by name, kind and words, without accents", () => {
    expect(found(flow, "pieces", (kind) => kind)).toEqual(["menu"]);
    expect(found(flow, "bye", (kind) => kind)[0]).toBe("bye");
    expect(found(flow, "queue hello", (kind) => kind)).toEqual(["agent"]);
    expect(found(flow, " ", (kind) => kind)).toEqual([]);
  });

  it("is outlined as a contact comes through it", () => {
    expect(outlined(CATALOGUE, flow).map(({ name, depth, reached }) => `${name} ${depth} ${reached}`)).toEqual(["menu 0 true", "way 1 true", "agent 2 true", "bye 3 true", "alone 0 false"]);
  });

  it("says its words in a language, else in any", () => {
    expect(wordsIn(stepsOf(flow).get("menu"), "fr")).toBe("Ventes 9, pièces 1");
    expect(wordsIn(stepsOf(flow).get("menu"), "de")).toBe("Sales 9, parts 1");
  });

  it("goes to text and back whatever is edited", () => {
    let here = flow;
    for (const edit of [
      () => added(here, CATALOGUE, "say")[0],
      () => renamedStep(here, CATALOGUE, "bye", "last words"),
      () => removed(here, CATALOGUE, ["way"]),
      () => pasted(here, CATALOGUE, copied(here, ["menu"]))[0],
      () => movedTo(here, new Map([["menu", [3, -4] as const]])),
    ]) {
      here = edit();
      const base = read(write(flow, null));
      const again = read(write(here, isRead(base) ? base.doc : null));
      expect(isRead(again) && plain(again.value)).toEqual(plain(here));
    }
  });
});
