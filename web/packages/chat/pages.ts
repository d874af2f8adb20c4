/** Which page the visitor looks at, in the shop's own words: never the query string, which may carry secrets. */
import type { PageView, Product } from "./wire.ts";

const text = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value).slice(0, 120) : undefined;

type Json = Record<string, unknown>;

function fromJsonLd(root: ParentNode): Product | undefined {
  for (const script of root.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      const parsed: unknown = JSON.parse(script.textContent ?? "");
      const items = (Array.isArray(parsed) ? parsed : [(parsed as Json)["@graph"] ?? parsed]).flat() as Json[];
      const item = items.find((each) => /Product|Vehicle|Car$/.test([each?.["@type"]].flat().join(" ")));
      if (!item) continue;
      const offer = [item.offers].flat()[0] as Json | undefined;
      return {
        name: text(item.name),
        sku: text(item.sku),
        price: text(offer?.price),
        currency: text(offer?.priceCurrency),
      };
    } catch {
      // Another script's mistake is no reason to stay silent about the page.
    }
  }
  return undefined;
}

function fromDataset(root: ParentNode): Product | undefined {
  const node = root.querySelector<HTMLElement>("[data-parlons-product]");
  if (!node) return undefined;
  const product: Product = { name: text(node.dataset.parlonsProduct) };
  for (const [key, value] of Object.entries(node.dataset))
    if (key.startsWith("parlons") && key !== "parlonsProduct") product[key.slice(7).toLowerCase()] = text(value);
  return product;
}

/** The page as `data-parlons-*` or JSON-LD describe it. */
export function currentPage(): PageView {
  return {
    path: location.pathname.slice(0, 300),
    title: document.title.slice(0, 200),
    product: fromDataset(document) ?? fromJsonLd(document),
  };
}

/** Calls `moved` after each navigation inside a single-page shop. */
export function watchNavigation(moved: () => void): void {
  let last = location.pathname;
  const check = () =>
    setTimeout(() => {
      if (location.pathname !== last) {
        last = location.pathname;
        moved();
      }
    }, 50);
  addEventListener("popstate", check);
  (window as { navigation?: EventTarget }).navigation?.addEventListener("navigatesuccess", check);
}
