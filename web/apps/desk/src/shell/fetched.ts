/** Parts of the desk that are fetched when they are first shown. A part that cannot be fetched is not an error of the page:
 * the server was updated, and the old part is gone, or it does not answer just now. The page waits until it does, then
 * becomes the new one; until then what is loaded works on, a call above all. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

const RENEWED = "parlons.reloaded";
const ONCE_IN_MS = 30_000;
const LOOK_MS = 1000;
let renewing = false;

/** `React.lazy`, whose part stays unseen instead of failing while it cannot be had. */
// biome-ignore lint/suspicious/noExplicitAny: as React types it
export function fetched<T extends ComponentType<any>>(load: () => Promise<{ default: T }>): LazyExoticComponent<T> {
  return lazy(() => load().catch(() => new Promise<never>(() => {})));
}

/** Once the server answers the page is loaded anew; not twice within half a minute, lest a broken server make it spin. */
export async function renew(): Promise<void> {
  if (renewing) return;
  renewing = true;
  const last = Number(sessionStorage.getItem(RENEWED) ?? 0);
  await pause(last + ONCE_IN_MS - Date.now());
  while (!(await answers())) await pause(LOOK_MS);
  sessionStorage.setItem(RENEWED, String(Date.now()));
  location.reload();
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

async function answers(): Promise<boolean> {
  try {
    return (await fetch(location.href, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
