/** A flow as text and back. Read as the server reads it (true and false are the only booleans, keys are texts); what was not
 * changed is written as it stood, with its comments. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, Scalar, visit, YAMLMap } from "yaml";
import { type Dict, isDict, type Path, same, type Value } from "./value.ts";

export interface Unreadable {
  line: number;
  column: number;
  message: string;
}

export interface Read {
  value: Value;
  doc: Document;
}

const WORDS = new Map<string, Value>([["true", true], ["false", false], ["null", null], ["~", null], ["", null]]);
const WHOLE = /^[-+]?[0-9]{1,18}$/;
const BROKEN = /^[-+]?[0-9]{1,18}\.[0-9]{1,18}$/;
const WIDTH = 110;

export function read(text: string): Read | Unreadable {
  const doc = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const wrong = doc.errors[0];
  if (wrong) {
    const place = wrong.linePos?.[0];
    return { line: place?.line ?? 0, column: place?.col ?? 0, message: wrong.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "") };
  }
  return { value: plainOf(doc.contents as Node | null, doc), doc };
}

export const isRead = (found: Read | Unreadable): found is Read => "doc" in found;

function plainOf(node: Node | null | undefined, doc: Document): Value {
  if (isAlias(node)) return plainOf(node.resolve(doc), doc);
  if (isMap(node)) return new Map(node.items.map((pair) => [keyOf(pair.key), plainOf(pair.value as Node | null, doc)]));
  if (isSeq(node)) return node.items.map((each) => plainOf(each as Node, doc));
  return isScalar(node) ? scalar(node) : null;
}

const keyOf = (key: unknown): string => (isScalar(key) ? String(key.source ?? key.value ?? "") : String(key));

function scalar(node: Scalar): Value {
  const text = node.source ?? String(node.value ?? "");
  if (node.type && node.type !== Scalar.PLAIN) return String(node.value);
  if (WORDS.has(text)) return WORDS.get(text) ?? null;
  return WHOLE.test(text) || BROKEN.test(text) ? Number(text) : text;
}

/** The text of `value`; `base`: what was read last, whose comments stay. */
export function write(value: Value, base: Document | null): string {
  if (base === null || !isMap(base.contents)) return fresh(value);
  const doc = base.clone() as Document;
  let aliased = false;
  visit(doc, { Alias: () => void (aliased = true) });
  if (aliased) return fresh(value);
  change(doc, [], plainOf(doc.contents as Node, doc), value);
  return doc.toString({ lineWidth: WIDTH, flowCollectionPadding: false });
}

const fresh = (value: Value): string => {
  const doc = parseDocument("{}");
  doc.contents = node(doc, value) as never;
  return doc.toString({ lineWidth: WIDTH, flowCollectionPadding: false });
};

function change(doc: Document, path: Path, before: Value, after: Value): void {
  if (same(before, after)) return;
  if (!isDict(before) || !isDict(after)) return doc.setIn(path.length ? path : [], node(doc, after));
  const here = path.length ? doc.getIn(path, true) : doc.contents;
  if (!isMap(here) || moved(before, after)) return order(doc, here, before, after, path);
  for (const key of before.keys()) if (!after.has(key)) remove(here, key);
  for (const [key, value] of after) {
    if (!before.has(key)) here.add(doc.createPair(key, node(doc, value)));
    else change(doc, [...path, name(here, key)], before.get(key) ?? null, value);
  }
}

/** Whether keys that are on both sides stand in another order, or one is new before an old one. */
function moved(before: Dict, after: Dict): boolean {
  const kept = [...before.keys()].filter((key) => after.has(key));
  return [...after.keys()].slice(0, kept.length).some((key, index) => key !== kept[index]);
}

/** Rebuilds a mapping in its new order out of the pairs that stay. */
function order(doc: Document, here: unknown, before: Dict, after: Dict, path: Path): void {
  if (!isMap(here)) return doc.setIn(path, node(doc, after));
  const pairs = new Map(here.items.map((pair) => [keyOf(pair.key), pair]));
  const now = [...after].map(([key, value]) => {
    const pair = pairs.get(key);
    if (!pair) return doc.createPair(key, node(doc, value));
    if (!same(before.get(key), value)) pair.value = node(doc, value);
    return pair;
  });
  here.items.splice(0, here.items.length, ...(now as never[]));
}

const remove = (here: YAMLMap, key: string): void => void here.items.splice(here.items.findIndex((pair) => keyOf(pair.key) === key), 1);

/** The key as the document knows it: `1:` is a number there. */
const name = (here: YAMLMap, key: string): string => {
  const found = here.items.find((pair) => keyOf(pair.key) === key)?.key;
  return (isScalar(found) ? found.value : key) as string;
};

function node(doc: Document, value: Value): Node {
  if (!isDict(value)) {
    const made = doc.createNode(Array.isArray(value) ? [] : value) as Node;
    if (Array.isArray(value) && isSeq(made)) {
      made.items = value.map((each) => node(doc, each));
      made.flow = value.every((each) => typeof each !== "object" && String(each).length <= 40);
    }
    return made;
  }
  const made = new YAMLMap();
  for (const [key, each] of value) made.items.push(doc.createPair(key, node(doc, each)) as never);
  return made;
}

/** Where something stands in a text, from 1; the nearest part above it that stands there. */
export function lineOf(read: Read, text: string, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const found = find(read.doc.contents as Node, path.slice(0, length));
    if (found?.range) return text.slice(0, found.range[0]).split("\n").length;
  }
  return 1;
}

function find(start: Node | null, path: Path): Node | null {
  let here: Node | null = start;
  for (const part of path) {
    if (isMap(here)) here = (here.items.find((pair) => keyOf(pair.key) === String(part))?.value as Node | null) ?? null;
    else if (isSeq(here)) here = (here.items[Number(part)] as Node | undefined) ?? null;
    else return null;
  }
  return here;
}
