/**
 * A desk without a server, for looking at screens while developing: /app/fake/index.html?role=supervisor&to=/app/live
 * (lang=fr, theme=dark, offer=1, empty=1, out=1, lost=1). It is no entry of the build and never shipped.
 */
import { install } from "./server.ts";

const query = new URLSearchParams(location.search);
localStorage.setItem(
  "parlons.preferences",
  JSON.stringify({
    locale: query.get("lang") ?? "en",
    theme: query.get("theme") ?? "light",
  }),
);
install(query);
history.replaceState(null, "", query.get("to") ?? "/app/");
await import("../src/main.tsx");
