/**
 * JSX to DOM in one small file: the whole widget may weigh 15 kB, and a general library alone would take a third of it.
 * Siblings are matched by tag and key (the first class name when no key is given), so focus and scroll survive redraws.
 */

type Kid = VNode | string;
type Props = Record<string, unknown>;
export type Child = VNode | string | number | boolean | null | undefined | Child[];

export interface VNode {
  tag: string;
  key: string;
  props: Props;
  kids: Kid[];
}

export declare namespace JSX {
  type Element = Child;
  type ElementType = string | ((props: never) => Child);
  interface ElementChildrenAttribute {
    children: unknown;
  }
  interface IntrinsicAttributes {
    key?: string | number | undefined;
  }
  type On<E extends Event, T> = (event: E & { currentTarget: T }) => unknown;
  interface Attributes<T> {
    [name: string]: unknown;
    onclick?: On<MouseEvent, T>;
    oninput?: On<InputEvent, T>;
    onchange?: On<Event, T>;
    onkeydown?: On<KeyboardEvent, T>;
    onpaste?: On<ClipboardEvent, T>;
    ondrop?: On<DragEvent, T>;
    ondragover?: On<DragEvent, T>;
    onsubmit?: On<SubmitEvent, T>;
  }
  type IntrinsicElements = {
    [tag in keyof HTMLElementTagNameMap]: Attributes<HTMLElementTagNameMap[tag]>;
  } & { [tag in "svg" | "path" | "circle"]: Record<string, unknown> };
}

const flat = (child: unknown): Kid[] =>
  ([child].flat(9) as Child[])
    .filter((each) => each || each === 0)
    .map((each) => (typeof each === "object" ? (each as VNode) : String(each)));

/** A node, or what a component (a plain function of its props) draws. */
export function jsx<P extends Props>(tag: string | ((props: P) => Child), props: P, key?: string | number): Child {
  if (typeof tag === "function") return tag(props);
  const { children, ...rest } = props;
  return {
    tag,
    key: key ? `${key}` : `${props.class}`.split(" ")[0]!,
    props: rest,
    kids: flat(children),
  };
}

export const jsxs = jsx;
export const Fragment = ({ children }: { children?: unknown }): Child => children as Child;

function setProp(node: Element, name: string, value: unknown, before: unknown): void {
  const direct = node as unknown as Props;
  const aria = name.startsWith("aria-");
  if (name === "value") {
    if (direct.value !== value) direct.value = value;
  } else if (value === before) return;
  else if (name.startsWith("on")) direct[name] = value;
  else if (value == null || (value === false && !aria)) node.removeAttribute(name);
  else node.setAttribute(name, value === true && !aria ? "" : `${value}`);
}

function dress(node: Element, fresh: VNode, old?: VNode): void {
  for (const name in { ...old?.props, ...fresh.props }) setProp(node, name, fresh.props[name], old?.props[name]);
}

function create(kid: Kid, svg: boolean): Node {
  if (typeof kid === "string") return document.createTextNode(kid);
  const drawn = svg || kid.tag === "svg";
  const node = drawn
    ? document.createElementNS("http://www.w3.org/2000/svg", kid.tag)
    : document.createElement(kid.tag);
  dress(node, kid);
  node.append(...kid.kids.map((each) => create(each, drawn)));
  return node;
}

const same = (a: Kid, b: Kid): boolean =>
  typeof a === "string" || typeof b === "string" ? typeof a === typeof b : a.tag === b.tag && a.key === b.key;

function renew(node: Node, old: Kid, fresh: Kid): void {
  if (old === fresh) return;
  if (typeof fresh === "string") {
    node.nodeValue = fresh;
  } else {
    dress(node as Element, fresh, old as VNode);
    patch(node as Element, (old as VNode).kids, fresh.kids);
  }
}

/** Make the children of `parent`, drawn as `old`, those of `fresh`; what stays is never taken out of the page. */
function patch(parent: Element | ShadowRoot, old: Kid[], fresh: Kid[]): void {
  const nodes = [...parent.childNodes];
  const taken = new Set<number>();
  const kept = fresh.map((kid) => {
    const at = old.findIndex((each, index) => !taken.has(index) && same(each, kid));
    taken.add(at);
    return at;
  });
  nodes.forEach((node, at) => {
    if (!taken.has(at)) node.remove();
  });
  fresh.forEach((kid, at) => {
    const from = kept[at]!;
    const here = parent.childNodes[at] ?? null;
    const node = nodes[from] ?? create(kid, parent instanceof SVGElement);
    if (node !== here) parent.insertBefore(node, here);
    if (from >= 0) renew(node, old[from]!, kid);
  });
}

/** Draw `child` into `parent` whenever the function given back is called with a new one. */
export function root(parent: ShadowRoot): (child: Child) => void {
  let drawn: Kid[] = [];
  return (child) => {
    const fresh = flat(child);
    patch(parent, drawn, fresh);
    drawn = fresh;
  };
}
