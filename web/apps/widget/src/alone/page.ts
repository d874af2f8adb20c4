/** A page with nothing but a firm's chat, /chat/{key}: for who has no site yet, and to try a chat before it stands on one. */
import { Api } from "@parlons/chat/api.ts";
import { chooseLanguage } from "../words";

const WORDS = {
  en: {
    chat: "A chat",
    help: "The chat stands at the bottom right, as on your own pages.",
    none: "There is no chat at this address.",
  },
  fr: {
    chat: "Un chat",
    help: "Le chat se trouve en bas à droite, comme sur vos propres pages.",
    none: "Il n’y a pas de chat à cette adresse.",
  },
};

const key = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const asked = new URLSearchParams(location.search).get("lang");
const language = chooseLanguage([asked, ...navigator.languages], ["en", "fr"]);
const words = WORDS[language];

function write(firm: string, text: string): void {
  document.documentElement.lang = language;
  document.title = firm;
  document.getElementById("firm")!.textContent = firm;
  document.getElementById("words")!.textContent = text;
}

/** The same line that stands in anybody's page. */
function bring(): void {
  const script = document.createElement("script");
  script.src = "/widget.js";
  script.dataset.parlons = key;
  script.dataset.lang = language;
  // Shown inside another page it waits for a press: nothing takes the keyboard by itself.
  if (window.parent === window) script.onload = () => window.parlons?.("open");
  document.body.append(script);
}

new Api(location.origin, key).config(language).then(
  (config) => {
    write(config.texts.title || config.name || words.chat, words.help);
    bring();
  },
  () => write(words.chat, words.none),
);
