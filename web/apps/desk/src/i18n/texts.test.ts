import { describe, expect, it } from "vitest";
import drawnEn from "./en/drawn.json";
import hooksEn from "./en/hooks.json";
import enTexts from "./en/index.ts";
import drawnFr from "./fr/drawn.json";
import hooksFr from "./fr/hooks.json";
import frTexts from "./fr/index.ts";

const en = { ...enTexts, ...drawnEn, ...hooksEn };
const fr = { ...frTexts, ...drawnFr, ...hooksFr };

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

const plural = /_(zero|one|two|few|many|other)$/;
const keys = (tree: Tree) => new Set(flat(tree).map(([key]) => key.replace(plural, "")));
const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();

describe("texts", () => {
  it("has the same keys in both languages", () => {
    expect([...keys(fr)].sort()).toEqual([...keys(en)].sort());
  });

  it("has the same values in both languages", () => {
    const english = new Map(flat(en));
    for (const [key, text] of flat(fr))
      if (english.has(key)) expect(values(text), key).toEqual(values(english.get(key)!));
  });

  it("calls a thing in French by its one word of the glossary", () => {
    const others = { société: /enseigne/i, proposition: /\boffres?\b/i, conseiller: /\bagents?\b/i, "chef d’équipe": /superviseur/i };
    for (const [key, text] of flat(fr))
      for (const [word, other] of Object.entries(others))
        expect(text.replace(/\{\{.*?\}\}/g, ""), `${key}: ${word}`).not.toMatch(other);
  });

  it("sets French as French is set", () => {
    for (const [key, text] of flat(fr)) {
      expect(text, `${key}: no-break space before : ; ! ? » %`).not.toMatch(/[^\u00a0][:;!?»%](\s|$)/);
      expect(text, `${key}: typographic apostrophe`).not.toContain("'");
      expect(text, `${key}: a space Geist cannot draw`).not.toMatch(/[\u202f\u2009]/);
    }
  });
});
