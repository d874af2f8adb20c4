/** Plain data of a flow, never changed in place: mappings are `Map`, for an object would put the key 0 before the key 9 that was
 * written first. What an edit does not touch stays the very same value, so that screens know what to draw again. */
export type Value = string | number | boolean | null | Value[] | Dict;
export type Dict = ReadonlyMap<string, Value>;
export type Path = readonly (string | number)[];

export const isDict = (value: unknown): value is Dict => value instanceof Map;
export const dictOf = (value: Value | undefined): Dict => (isDict(value) ? value : EMPTY);
export const listOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);
export const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");
export const EMPTY: Dict = new Map();

/** What stands at a path; undefined: nothing. */
export function at(value: Value | undefined, path: Path): Value | undefined {
  let found = value;
  for (const part of path) {
    if (isDict(found)) found = found.get(String(part));
    else if (Array.isArray(found)) found = found[Number(part)];
    else return undefined;
  }
  return found;
}

/** The same with `inside` at `path`; mappings that are not there yet are made. */
export function put(value: Value | undefined, path: Path, inside: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return inside;
  if (Array.isArray(value)) return value.map((each, index) => (index === Number(first) ? put(each, rest, inside) : each));
  const next = new Map(isDict(value) ? value : []);
  next.set(String(first), put(next.get(String(first)), rest, inside));
  return next;
}

/** The same without what stands at `path`; a mapping this empties goes too, save the outermost. */
export function drop(value: Value, path: Path): Value {
  const [first, ...rest] = path;
  if (first === undefined || at(value, path) === undefined) return value;
  if (Array.isArray(value))
    return rest.length ? value.map((each, index) => (index === Number(first) ? drop(each, rest) : each)) : value.filter((_, index) => index !== Number(first));
  const next = new Map(dictOf(value));
  const left = rest.length ? drop(next.get(String(first)) ?? null, rest) : null;
  if (rest.length && !(isDict(left) && left.size === 0)) next.set(String(first), left);
  else next.delete(String(first));
  return next;
}

/** A mapping with one key called otherwise, at its old place. */
export const renamed = (dict: Dict, from: string, to: string): Dict =>
  new Map([...dict].map(([key, value]) => [key === from ? to : key, value] as const));

/** The same data, keys in the same order. */
export function same(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) return true;
  if (isDict(one) && isDict(other)) {
    const keys = [...other.keys()];
    return one.size === other.size && [...one].every(([key, value], index) => keys[index] === key && same(value, other.get(key)));
  }
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((each, index) => same(each, other[index]));
  return false;
}

/** As JSON has it; keys that are numbers lose their order there. */
export function plain(value: Value): unknown {
  if (isDict(value)) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

/** From what JSON gave. */
export function valueOf(json: unknown): Value {
  if (Array.isArray(json)) return json.map(valueOf);
  if (typeof json === "object" && json !== null) return new Map(Object.entries(json).map(([key, each]) => [key, valueOf(each)]));
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" ? json : null;
}
