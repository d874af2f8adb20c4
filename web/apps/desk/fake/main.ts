/**
 * A desk without a server, for looking at screens while developing: /app/fake/index.html?role=supervisor&to=/app/live
 * (lang=fr, theme=dark, offer=1, empty=1, out=1, lost=1, voice=1 with call=…). It is no entry of the build and never shipped.
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
const leg = query.get("phone");
if (leg) {
  const { usePhone } = await import("../src/phone/state.ts");
  const quality = { lost_percent: 0.2, jitter_ms: 4, rtt_ms: 31, mos: query.has("poor") ? 2.6 : 4.3 };
  const muted = query.has("muted");
  setTimeout(() => usePhone.setState({ state: leg as "ready", legId: "leg-me", quality, muted, error: null }), 2200);
}
