/**
 * The expression language, read and written in the browser, so that a sentence and its text change together at every key. What
 * an expression means and whether its names fit is the server's to say (src/parlons/expr); both read expressions.json in tests.
 */
import { type Token, tokens, Unreadable } from "./tokens.ts";

export type Scalar = string | number | boolean;
export type Path = (string | number)[];
export type Operand = { value: Scalar } | { list: Scalar[] } | { path: Path };
export const OPERATORS = ["==", "!=", ">", ">=", "<", "<=", "CONTAINS", "HAS", "IN", "NOT IN"] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Compare {
  left: Operand;
  op: Operator;
  right: Operand;
}
export type Node = Compare | { all: Node[] } | { any: Node[] };

const DEPTH = 50;
const SCALARS = ["TRUE", "FALSE"];

class Reader {
  private at = 0;
  private depth = 0;
  constructor(private readonly found: Token[]) {}

  whole(): Node {
    const node = this.any();
    if (this.token.kind !== "end") throw new Unreadable();
    return node;
  }

  private get token(): Token {
    return this.found[this.at]!;
  }

  private take(): Token {
    return this.found[this.at++]!;
  }

  private isWord(word: string): boolean {
    return this.token.kind === "name" && this.token.text.toUpperCase() === word;
  }

  private isMark(mark: string): boolean {
    return this.token.kind === "mark" && this.token.text === mark;
  }

  private joined(word: string, part: () => Node): Node[] {
    const parts = [part()];
    while (this.isWord(word)) {
      this.take();
      parts.push(part());
    }
    return parts;
  }

  private any(): Node {
    const parts = this.joined("OR", () => this.all());
    return parts.length === 1 ? parts[0]! : { any: parts };
  }

  private all(): Node {
    const parts = this.joined("AND", () => this.primary());
    return parts.length === 1 ? parts[0]! : { all: parts };
  }

  private primary(): Node {
    if (!this.isMark("(")) return this.comparison();
    this.take();
    this.depth += 1;
    if (this.depth > DEPTH) throw new Unreadable();
    const node = this.any();
    if (!this.isMark(")")) throw new Unreadable();
    this.take();
    this.depth -= 1;
    return node;
  }

  private comparison(): Compare {
    if (this.isWord("NOT")) throw new Unreadable();
    const left = this.operand();
    const op = this.operator();
    return { left, op, right: this.operand() };
  }

  private operator(): Operator {
    const token = this.take();
    if (token.kind === "op") return token.text === "=" ? "==" : (token.text as Operator);
    const word = token.kind === "name" ? token.text.toUpperCase() : "";
    if (word === "CONTAINS" || word === "HAS" || word === "IN") return word;
    if (word !== "NOT" || !this.isWord("IN")) throw new Unreadable();
    this.take();
    return "NOT IN";
  }

  private operand(): Operand {
    if (this.token.kind === "name" && !["AND", "OR", ...SCALARS].includes(this.token.text.toUpperCase()))
      return { path: this.path() };
    if (this.isMark("[")) return { list: this.list() };
    return { value: this.scalar() };
  }

  private scalar(): Scalar {
    const token = this.take();
    if (token.kind === "string") return token.text.slice(1, -1).replace(/\\([\s\S])/g, "$1");
    if (token.kind === "number") {
      const value = Number(token.text);
      // a number that would come back as another one is left to the text
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new Unreadable();
      return value;
    }
    const word = token.kind === "name" ? token.text.toUpperCase() : "";
    if (!SCALARS.includes(word)) throw new Unreadable();
    return word === "TRUE";
  }

  private list(): Scalar[] {
    this.take();
    const values: Scalar[] = [];
    while (!this.isMark("]")) {
      values.push(this.scalar());
      if (this.isMark(",")) this.take();
      else if (!this.isMark("]")) throw new Unreadable();
    }
    this.take();
    return values;
  }

  private path(): Path {
    const parts: Path = [this.take().text];
    while (this.isMark(".") || this.isMark("[")) {
      if (this.take().text === ".") {
        if (this.token.kind !== "name") throw new Unreadable();
        parts.push(this.take().text);
        continue;
      }
      if (this.token.kind !== "number" || !/^\d+$/.test(this.token.text)) throw new Unreadable();
      parts.push(Number(this.take().text));
      if (!this.isMark("]")) throw new Unreadable();
      this.take();
    }
    return parts;
  }
}

/** The tree of a text; null when it cannot be read, or not be written again as it is. */
export function read(text: string): Node | null {
  try {
    return new Reader(tokens(text)).whole();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

export const pathText = (path: Path): string =>
  path.map((part, at) => (typeof part === "number" ? `[${part}]` : at ? `.${part}` : part)).join("");

const scalarText = (value: Scalar): string =>
  typeof value === "string" ? `"${value.replace(/[\\"]/g, "\\$&")}"` : `${value}`;

export function operandText(operand: Operand): string {
  if ("path" in operand) return pathText(operand.path);
  if ("list" in operand) return `[${operand.list.map(scalarText).join(", ")}]`;
  return scalarText(operand.value);
}

export const isCompare = (node: Node): node is Compare => "op" in node;
export const partsOf = (node: Node): Node[] => (isCompare(node) ? [node] : "all" in node ? node.all : node.any);

/** The text of a tree; reading it gives the same tree. */
export function write(node: Node): string {
  if (isCompare(node)) return `${operandText(node.left)} ${node.op} ${operandText(node.right)}`;
  const inside = (part: Node) =>
    isCompare(part) || ("any" in node && "all" in part) ? write(part) : `(${write(part)})`;
  return partsOf(node)
    .map(inside)
    .join("all" in node ? " AND " : " OR ");
}

export const ALWAYS: Compare = { left: { value: 1 }, op: "==", right: { value: 1 } };

/** `1 == 1`, however written. */
export const isAlways = (node: Node): boolean =>
  isCompare(node) && node.op === "==" && "value" in node.left && "value" in node.right && node.left.value === node.right.value;

/** Names in the text, from left to right, each once. */
export function names(node: Node): string[] {
  if (!isCompare(node)) return [...new Set(partsOf(node).flatMap(names))];
  return [node.left, node.right].flatMap((side) => ("path" in side ? [pathText(side.path)] : []));
}
