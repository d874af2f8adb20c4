/** Addresses of the desk: /app/ (list), /app/c/ID (a conversation), /app/live, /app/keys, /app/phone, /app/prompts, /app/link (one-time link). */
import { useSyncExternalStore } from "react";

export type Route =
  | { page: "desk"; conversation: string | null }
  | { page: "live" }
  | { page: "keys" }
  | { page: "phone" }
  | { page: "prompts" }
  | { page: "link"; token: string | null };

const listeners = new Set<() => void>();

export function parse(path: string, search = "", hash = ""): Route {
  const [, , first, second] = path.split("/");
  if (first === "c" && second) return { page: "desk", conversation: decodeURIComponent(second) };
  if (first === "live" || first === "keys" || first === "phone" || first === "prompts") return { page: first };
  if (first === "link")
    return {
      page: "link",
      token: hash.slice(1) || new URLSearchParams(search).get("token"),
    };
  return { page: "desk", conversation: null };
}

export function address(route: Route): string {
  if (route.page === "desk") return route.conversation ? `/app/c/${encodeURIComponent(route.conversation)}` : "/app/";
  return `/app/${route.page}`;
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Goes to a place; `replace` leaves no step back. */
export function go(route: Route, replace = false): void {
  const to = address(route);
  if (to === location.pathname) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
}

export const here = (): Route => parse(location.pathname, location.search, location.hash);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
}

export function useRoute(): Route {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search + location.hash);
  const url = new URL(href, location.origin);
  return parse(url.pathname, url.search, url.hash);
}
