/** Words of the builder in the person's language; what a new kind of step brings without words shows its own name. */
import i18next, { type ParseKeys } from "i18next";
import type { Catalogue } from "./kinds.ts";
import { kindIn, type Port, wordsIn } from "./ports.ts";
import { at, type Dict, isDict, textOf, type Value } from "./value.ts";

const told = (key: string): string | undefined => (i18next.exists(key) ? (i18next.t(key as ParseKeys) as string) : undefined);
const spaced = (name: string): string => name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

export const kindWord = (kind: string): string => told(`drawn.kind.${kind}`) ?? spaced(kind || "?");
export const kindHelp = (kind: string): string | undefined => told(`drawn.about.${kind}`);
export const fieldWord = (kind: string, field: string): string => told(`drawn.own.${kind}.${field}`) ?? told(`drawn.field.${field}`) ?? spaced(field);
export const fieldHelp = (kind: string, field: string): string | undefined => told(`drawn.why.${kind}.${field}`) ?? told(`drawn.why.${field}`);
export const choiceWord = (field: string, value: string): string => told(`drawn.choice.${field}.${value}`) ?? value;
export const problemWord = (code: string): string | undefined => told(`drawn.problem.${code}`);

/** A way as the picture names it: `1 · Workshop`, `No answer`, `tier == 'gold'`. */
export function portWord(step: Value | undefined, port: Port, language: string): string {
  const [first, key] = port.path;
  if (first === "choices" && key !== undefined) {
    const label = wordsIn(at(step, ["choices", key]), language, ["label"]);
    return label ? `${key} · ${label}` : String(key);
  }
  if (first === "intents" && key !== undefined) return String(key);
  if (first === "keys" && key !== undefined) return i18next.t("drawn.key", { key: String(key) });
  if (first === "cases" && key !== undefined) return textOf(at(step, ["cases", key, "when"])) || i18next.t("drawn.case", { number: Number(key) + 1 });
  return told(`drawn.port.${kindIn(step)}.${port.id}`) ?? told(`drawn.port.${port.id}`) ?? port.path.map(String).join(" ");
}

export const quoted = (text: string): string => (i18next.language === "fr" ? `«\u00a0${text}\u00a0»` : `“${text}”`);

/** The first words of a step: what it says, else what it goes to or sets. */
export function firstWords(catalogue: Catalogue, step: Value | undefined, language: string): string {
  const said = wordsIn(step, language);
  if (said) return quoted(said);
  if (!isDict(step)) return "";
  const telling = ["queue", "workflow", "flow", "number", "url", "hours", "language", "by"];
  const fact = telling.map((field) => textOf(step.get(field))).find(Boolean);
  if (fact) return fact;
  const values = at(step, ["values"]);
  if (isDict(values)) return [...values.keys()].join(", ");
  const kind = catalogue.kinds.find((each) => each.kind === kindIn(step));
  return kind?.fields.filter(({ group }) => group === "settings").map(({ name }) => textOf(step.get(name))).find(Boolean) ?? "";
}

export const flowLanguage = (flow: Dict): string => textOf(flow.get("language")) || "en";
