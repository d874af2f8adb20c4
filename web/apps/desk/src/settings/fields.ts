/** What a control must know of a field, read from the JSON schema of the configuration's model. Pure. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Thing = { [key: string]: Json };

export interface Node {
  type?: string;
  anyOf?: Node[];
  $ref?: string;
  $defs?: Record<string, Node>;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: boolean | Node;
  patternProperties?: Record<string, Node>;
  propertyNames?: { enum?: string[] };
  enum?: string[];
  default?: Json;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
  refers?: string;
  /** Names that are there from the start, besides those that are configured. */
  presets?: string[];
  keys?: string;
  secret?: boolean;
  title?: string;
  description?: string;
  /** Of a kind: the fields that another one decides, by its value. */
  variants?: Record<string, Record<string, Node>>;
  /** Names of the fields this one decides. */
  decides?: string[];
}

/** The field that decides others, if the kind has one. */
const decider = (node: Node): [string, Node] | undefined =>
  Object.entries(node.properties ?? {}).find(([, each]) => each.decides);

/** The value that decides other fields of this thing; empty: none does. */
export const deciding = (node: Node, thing: Thing): string => {
  const [name] = decider(node) ?? [];
  return name ? String(thing[name] ?? "") : "";
};

/** The fields of a kind for this thing: those that another one decides are what its value says. */
export function propertiesOf(node: Node, thing: Thing): Record<string, Node> {
  const [name] = decider(node) ?? [];
  const own = name ? node.variants?.[String(thing[name])] : undefined;
  return { ...node.properties, ...own };
}

/** The thing after a change of one field; a field that decides others empties those. */
export function changed(node: Node, thing: Thing, name: string, value: Json): Thing {
  const after = { ...thing, [name]: value };
  const [by] = decider(node) ?? [];
  if (name !== by || thing[name] === value) return after;
  const own = node.variants?.[String(value)] ?? {};
  return { ...after, ...Object.fromEntries(Object.entries(own).map(([each, inner]) => [each, fresh(inner)])) };
}

export type Shape =
  | "secret"
  | "choice"
  | "name"
  | "yesno"
  | "number"
  | "expression"
  | "long"
  | "text"
  | "list"
  | "part"
  | "fixed"
  | "map"
  | "free";

export interface Field {
  shape: Shape;
  /** The schema behind references and "or null". */
  node: Node;
  nullable: boolean;
  /** Of a list or a mapping: what stands in it. */
  inner?: Node;
}

/** The field a schema describes; `defs` are those of its root. */
export function fieldOf(given: Node, defs: Record<string, Node> = {}): Field {
  let node = given;
  let nullable = false;
  if (node.anyOf) {
    nullable = node.anyOf.some((each) => each.type === "null");
    node = { ...node, ...node.anyOf.find((each) => each.type !== "null") };
  }
  if (node.$ref) node = { ...defs[node.$ref.split("/").at(-1) ?? ""], default: given.default };
  const inner = node.items ?? mapped(node);
  return { shape: shapeOf(node), node, nullable, ...(inner ? { inner } : {}) };
}

const mapped = (node: Node): Node | undefined =>
  typeof node.additionalProperties === "object"
    ? node.additionalProperties
    : node.patternProperties && Object.values(node.patternProperties)[0];

function shapeOf(node: Node): Shape {
  if (node.secret) return "secret";
  if (node.type === "boolean") return "yesno";
  if (node.type === "integer" || node.type === "number") return "number";
  if (node.type === "array") return "list";
  if (node.type === "object") {
    if (node.properties) return "part";
    if (node.propertyNames?.enum) return "fixed";
    return mapped(node) ? "map" : "free";
  }
  if (node.enum) return "choice";
  if (node.refers) return "name";
  if (node.format === "expression") return "expression";
  return (node.maxLength ?? 0) > 320 ? "long" : "text";
}

/** What a new value of this field begins with. */
export function fresh(node: Node, defs: Record<string, Node> = {}): Json {
  const field = fieldOf(node, defs);
  if (node.default !== undefined && node.default !== null) return structuredClone(node.default);
  if (node.default === null || field.nullable) return null;
  switch (field.shape) {
    case "list":
      return [];
    case "part":
      return Object.fromEntries(
        Object.entries(field.node.properties ?? {}).map(([name, each]) => [name, fresh(each, defs)]),
      );
    case "fixed":
    case "map":
    case "free":
      return {};
    case "yesno":
      return false;
    case "number":
      return field.node.minimum ?? 0;
    case "choice":
      return field.node.enum?.[0] ?? "";
    case "secret":
      return null;
    default:
      return "";
  }
}

/** What a field holds: what is given, else its default, which counts where nothing is. */
export const held = (own: Thing, name: string, node: Node): Json => (name in own ? own[name]! : (node.default ?? null));

/** The path of a part below another, as the server names it: `voice.music`, `filters[1].when`. */
export const below = (path: string, step: string | number): string =>
  typeof step === "number" ? `${path}[${step + 1}]` : path ? `${path}.${step}` : step;

/** The text key of a path: positions and names of one's own left out. */
export const textKey = (kind: string, words: string[]): string => `settings.field.${kind}.${words.join(".")}`;

export interface Fault {
  line: number;
  column: number;
  path: string;
  message: string;
  remedy: string;
  /** The kind of mistake, where it has one. */
  code?: string;
}

/** What is wrong with a field, with the place inside its text: in the reader's words where the kind of mistake has some, else in
    the server's. A field that is empty is to be filled in, whatever rule of it says so. */
export function said(fault: Fault, word: (code: string) => string | undefined, value?: Json): string {
  const own = word(value === "" || value === null ? "missing" : (fault.code ?? ""));
  if (own) return own;
  const place = fault.line > 1 || fault.column > 1 ? `${fault.line}:${fault.column} · ` : "";
  return `${place}${fault.message}. ${fault.remedy}`.trim();
}

/** Which faults stand at a field, or at what lies below it where no control of its own shows them. */
export const faultsAt = (faults: Fault[], path: string): Fault[] => faults.filter((each) => each.path === path);
