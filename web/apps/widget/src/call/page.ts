/** The customer's call page, /call/{line}: made for a link in a text or a QR code. Speaks the browser's language. */
import { chooseLanguage, type Language } from "../words";
import { draw } from "./element";
import { say } from "./words";

const line = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const asked = new URLSearchParams(location.search).get("lang");
const language = chooseLanguage([asked, ...navigator.languages], ["en", "fr"]);

function spoken(now: Language): void {
  document.documentElement.lang = now;
  document.title = say(now, "title", { firm: session.state.line?.firm_name ?? session.state.line?.name ?? "" }).trim();
}

const host = document.getElementById("call")!;
const session = draw(host, { origin: location.origin, line, language, page: true, caller: {}, spoken });
addEventListener("beforeunload", (event) => {
  if (session.state.phase === "up") event.preventDefault();
});
new FontFace("Geist Parlons", 'url("/widget/geist.woff2") format("woff2")', { weight: "100 900" }).load().then(
  (loaded) => document.fonts.add(loaded),
  () => undefined,
);
void session
  .load()
  .then(() => spoken(language))
  .then(() => session.resume());
