/** Addresses of the desk: /app/ (list), /app/c/ID (a conversation), /app/live, /app/colleagues/ID (a discussion, or new), /app/sends/ID (or new), /app/surveys, /app/knowledge/ID (or new, or new-LANGUAGE-ID), /app/left, /app/wall, /app/keys, /app/phone, /app/prompts, /app/settings/SECTION/NAME (and /all: every field, /versions and /edit: of a flow), /app/welcome/STEP, /app/link (one-time link). */
import { useSyncExternalStore } from "react";

export type Route =
  | { page: "desk"; conversation: string | null }
  | { page: "live" }
  | { page: "colleagues"; discussion: string | null }
  | { page: "sends"; send: string | null }
  | { page: "surveys" }
  | { page: "left" }
  | { page: "knowledge"; article: string | null }
  | { page: "wall" }
  | { page: "keys" }
  | { page: "phone" }
  | { page: "sounds" }
  | { page: "prompts" }
  | { page: "settings"; section: string | null; name: string | null; all?: boolean; versions?: boolean; edit?: boolean }
  | { page: "welcome"; step: string | null }
  | { page: "link"; token: string | null };

const listeners = new Set<() => void>();

export function parse(path: string, search = "", hash = ""): Route {
  const [, , first, second, third, fourth] = path.split("/");
  if (first === "c" && second) return { page: "desk", conversation: decodeURIComponent(second) };
  if (first === "live" || first === "wall" || first === "keys" || first === "phone" || first === "sounds" || first === "prompts" || first === "surveys" || first === "left") return { page: first };
  if (first === "colleagues") return { page: "colleagues", discussion: second ? decodeURIComponent(second) : null };
  if (first === "sends") return { page: "sends", send: second ? decodeURIComponent(second) : null };
  if (first === "knowledge") return { page: "knowledge", article: second ? decodeURIComponent(second) : null };
  if (first === "settings")
    return {
      page: "settings",
      section: second ? decodeURIComponent(second) : null,
      name: third ? decodeURIComponent(third) : null,
      ...(fourth === "all" ? { all: true } : fourth === "versions" ? { versions: true } : fourth === "edit" ? { edit: true } : {}),
    };
  if (first === "welcome") return { page: "welcome", step: second ? decodeURIComponent(second) : null };
  if (first === "link")
    return {
      page: "link",
      token: hash.slice(1) || new URLSearchParams(search).get("token"),
    };
  return { page: "desk", conversation: null };
}

export function address(route: Route): string {
  if (route.page === "desk") return route.conversation ? `/app/c/${encodeURIComponent(route.conversation)}` : "/app/";
  if (route.page === "colleagues") return `/app/colleagues${route.discussion ? `/${encodeURIComponent(route.discussion)}` : ""}`;
  if (route.page === "sends") return `/app/sends${route.send ? `/${encodeURIComponent(route.send)}` : ""}`;
  if (route.page === "knowledge") return `/app/knowledge${route.article ? `/${encodeURIComponent(route.article)}` : ""}`;
  if (route.page === "settings")
    return ["/app/settings", ...[route.section, route.name, route.all ? "all" : route.versions ? "versions" : route.edit ? "edit" : null].flatMap((part) => (part ? [encodeURIComponent(part)] : []))].join("/");
  if (route.page === "welcome") return `/app/welcome${route.step ? `/${encodeURIComponent(route.step)}` : ""}`;
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
