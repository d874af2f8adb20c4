import { describe, expect, it } from "vitest";
import { named } from "./mentions.ts";
import { found, type Reply } from "./finding.ts";
import { tokenAt } from "./suggesting.ts";

const reply = (shortcut: string, title: string, text = ""): Reply => ({
  id: shortcut,
  shortcut,
  title,
  text,
  language: "fr",
  pieces: [],
  missing: [],
});

describe("suggestions", () => {
  it("begin at the start or after a blank, and may hold blanks", () => {
    expect(tokenAt("/", 1, "/")).toEqual({ from: 0, to: 1, query: "" });
    expect(tokenAt("Bonjour /essai sam", 18, "/")).toEqual({ from: 8, to: 18, query: "essai sam" });
    expect(tokenAt("et/ou", 5, "/")).toBeNull();
    expect(tokenAt("1 / 2", 5, "/")).toBeNull();
    expect(tokenAt("/a\nb", 4, "/")).toBeNull();
    expect(tokenAt("vois @kar", 9, "@")).toEqual({ from: 5, to: 9, query: "kar" });
    expect(tokenAt("a@b.fr", 6, "@")).toBeNull();
    expect(tokenAt("@karim et après", 6, "@")).toEqual({ from: 0, to: 6, query: "karim" });
  });

  it("find replies by any word, without accents, the shortcut first", () => {
    const all = [reply("late", "Livraison en retard"), reply("retard", "Excuses"), reply("x", "Autre", "du retard")];
    expect(found(all, "retard").map((each) => each.id)).toEqual(["retard", "late", "x"]);
    expect(found([reply("a", "Été à Lyon")], "ete lyon")).toHaveLength(1);
    expect(found(all, "nothing")).toEqual([]);
  });

  it("name whoever stands in the text, the longer name before the shorter", () => {
    const people = [
      { id: "1", name: "Ana" },
      { id: "2", name: "Ana Ruiz" },
    ];
    expect(named("@Ana Ruiz ?", people)).toEqual(["2"]);
    expect(named("@Ana Ruiz et @Ana", people)).toEqual(["2", "1"]);
    expect(named("Ana", people)).toEqual([]);
  });
});
