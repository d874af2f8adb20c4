/** A comparison in the words people use: which sentence says it, and what fills it. Pure; the texts stand in routing.json. */
import type { ParseKeys } from "i18next";
import { type Compare, isAlways, type Operand, type Operator, operandText, pathText } from "./expression.ts";

export type Scope = "queue" | "filter" | "target" | "skip_if";
export type Say = (key: ParseKeys, values?: Record<string, string>) => string;

/** Facts of a contact and of the floor that have a name of their own on screen. */
const NAMED = ["language", "channel", "hours", "topic", "title", "entry", "page", "verified", "product_name"] as const;
const COUNTS = { "workers.available": "available", "workers.unavailable": "unavailable" } as const;
const GENERIC: Record<Operator, ParseKeys> = {
  "==": "routing.say.is",
  "!=": "routing.say.isNot",
  ">": "routing.say.above",
  ">=": "routing.say.atLeast",
  "<": "routing.say.below",
  "<=": "routing.say.atMost",
  CONTAINS: "routing.say.contains",
  HAS: "routing.say.has",
  IN: "routing.say.in",
  "NOT IN": "routing.say.notIn",
};
const LEVEL: Partial<Record<Operator, ParseKeys>> = {
  "==": "routing.say.levelIs",
  ">": "routing.say.levelAbove",
  ">=": "routing.say.levelAtLeast",
  "<": "routing.say.levelBelow",
  "<=": "routing.say.levelAtMost",
};

/** Whose a name is, and its name without the word that says so. */
function owner(name: string, scope: Scope): ["task" | "worker" | "floor", string] {
  const dot = name.indexOf(".");
  const [first, rest] = dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1)];
  if (scope === "filter") return ["task", name];
  if (scope === "skip_if") return ["floor", name];
  if (first === "worker" && rest) return ["worker", rest];
  if (scope === "target" && first === "task" && rest) return ["task", rest];
  return ["worker", name];
}

export function nameWords(name: string, scope: Scope, say: Say): string {
  const [whose, bare] = owner(name, scope);
  if (whose === "floor") return bare in COUNTS ? say(`routing.count.${COUNTS[bare as keyof typeof COUNTS]}`) : bare;
  if (whose === "worker") return scope === "target" ? say("routing.of.worker", { name: bare }) : bare;
  const known = (NAMED as readonly string[]).includes(bare);
  if (known) return say(`routing.fact.${bare as (typeof NAMED)[number]}`);
  return scope === "target" ? say("routing.of.task", { name: bare }) : bare;
}

function operandWords(operand: Operand, scope: Scope, say: Say): string {
  if ("path" in operand) return nameWords(pathText(operand.path), scope, say);
  const word = (value: unknown): string =>
    value === true ? say("routing.yes") : value === false ? say("routing.no") : value === "" ? say("routing.empty") : `${value}`;
  if ("value" in operand) return word(operand.value);
  const words = operand.list.map(word);
  if (words.length < 2) return words[0] ?? say("routing.empty");
  return say("routing.or", { first: words.slice(0, -1).join(", "), last: words.at(-1)! });
}

/** What an agent has, said as one says it. */
function ofAgent(name: string, op: Operator, right: Operand, say: Say): string | null {
  if (op === "HAS" && "value" in right && typeof right.value === "string") {
    if (name === "skills") return say("routing.say.hasSkill", { value: right.value });
    if (name === "languages") return say("routing.say.speaks", { value: right.value });
  }
  const level = LEVEL[op];
  if (name.startsWith("levels.") && level && "value" in right && typeof right.value === "number")
    return say(level, { name: name.slice(7), value: `${right.value}` });
  return null;
}

/** The comparison as a part of a sentence. */
export function words(compare: Compare, scope: Scope, say: Say): string {
  const { left, op, right } = compare;
  if (isAlways(compare)) return say(scope === "queue" || scope === "target" ? "routing.say.everybody" : "routing.say.every");
  if (!("path" in left)) return `${operandText(left)} ${op} ${operandText(right)}`;
  const text = pathText(left.path);
  const [whose, bare] = owner(text, scope);
  const special = whose === "worker" ? ofAgent(bare, op, right, say) : null;
  if (special) return special;
  if (scope === "target" && op === "IN" && text === "task.language" && "path" in right && pathText(right.path) === "worker.languages")
    return say("routing.say.speaksContact");
  const name = nameWords(text, scope, say);
  if ("value" in right && typeof right.value === "boolean" && (op === "==" || op === "!="))
    return say(op === "==" ? "routing.say.is" : "routing.say.anyBut", { name, value: operandWords(right, scope, say) });
  return say(GENERIC[op], { name, value: operandWords(right, scope, say) });
}
