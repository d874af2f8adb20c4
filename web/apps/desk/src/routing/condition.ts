/** A comparison taken apart into what a form asks: name, operator, kind of value, value; and put together again. Pure. */
import { type Compare, OPERATORS, type Operand, type Operator, operandText, pathText, read, type Scalar } from "./expression.ts";

export type Kind = "text" | "number" | "yesno" | "name";

export interface Parts {
  name: string;
  op: Operator;
  kind: Kind;
  /** Values of a list stand with commas between them. */
  value: string;
}

export const isList = (op: Operator): boolean => op === "IN" || op === "NOT IN";

const kindOf = (value: Scalar | undefined): Kind =>
  typeof value === "number" ? "number" : typeof value === "boolean" ? "yesno" : "text";

/** What the form shows; null: only the text can change it. */
export function partsOf({ left, op, right }: Compare): Parts | null {
  if (!("path" in left)) return null;
  const name = pathText(left.path);
  if ("path" in right) return { name, op, kind: "name", value: pathText(right.path) };
  if ("value" in right) return isList(op) ? null : { name, op, kind: kindOf(right.value), value: `${right.value}` };
  const kinds = new Set(right.list.map(kindOf));
  const comma = right.list.some((each) => `${each}`.includes(",") || `${each}` !== `${each}`.trim() || each === "");
  if (!isList(op) || kinds.size > 1 || comma) return null;
  return { name, op, kind: [...kinds][0] ?? "text", value: right.list.join(", ") };
}

function scalarOf(text: string, kind: Kind): Scalar | null {
  if (kind === "text") return text;
  if (kind === "yesno") return text === "true" ? true : text === "false" ? false : null;
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

const pathOf = (text: string): Operand | null => {
  const node = read(`${text.trim()} == 1`);
  return node && "op" in node && "path" in node.left && operandText(node.left) === text.trim() ? node.left : null;
};

function valueOf({ kind, value, op }: Parts): Operand | null {
  if (kind === "name") return pathOf(value);
  if (!isList(op)) {
    const scalar = scalarOf(value, kind);
    return scalar === null ? null : { value: scalar };
  }
  const list = value
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)
    .map((each) => scalarOf(each, kind));
  return list.some((each) => each === null) ? null : { list: list as Scalar[] };
}

/** The comparison; null while something is missing or wrong. */
export function compareOf(parts: Parts): Compare | null {
  const left = pathOf(parts.name);
  const right = valueOf(parts);
  return left && right ? { left, op: parts.op, right } : null;
}

/** Operators that can hold for a kind of value. */
export function operatorsFor(kind: Kind): Operator[] {
  if (kind === "yesno") return ["==", "!="];
  if (kind === "number") return OPERATORS.filter((op) => op !== "CONTAINS");
  return [...OPERATORS];
}
