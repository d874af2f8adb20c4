/** What a page shows, as the site says it, in one short line. The site's words are a stranger's. Pure. */
import { type Locale, price } from "@parlons/ui/format.ts";

const OWN = ["name", "price", "currency", "sku", "url"];
/** Of what the site adds by itself. */
const SHOWN = 4;

/** Price, article number, then what else the site tells. */
export function productLine(product: Record<string, string>, locale: Locale): string {
  const more = Object.entries(product).filter(([name, value]) => !OWN.includes(name) && value);
  return [
    product.price && price(product.price, product.currency, locale),
    product.sku,
    ...more.slice(0, SHOWN).map(([name, value]) => `${name} ${value}`),
  ]
    .filter(Boolean)
    .join(" · ");
}
