/** @jsxImportSource .. */
/**
 * /join/{token}: where an agent's link leads. A press follows it (programs that preview links press nothing): into the chat of
 * the conversation, which is the widget with the visit of this customer, or into a picture beside the call he is in.
 */
import { sheet } from "../call/styles";
import { type Child, root } from "../jsx-runtime";
import { chooseLanguage, type Language } from "../words";
import { Beside } from "./beside";
import { type JoinWord, say as said } from "./join-words";
import { besideSheet } from "./styles";
import { BesideView, fit } from "./view";

interface Joined {
  kind: "chat" | "video";
  language: string;
  widget_key?: string;
  visitor_token?: string;
  call_id?: string;
  token?: string;
}

const link = location.pathname.split("/")[2] ?? "";
const KEPT = `parlons.join.${link}`;
const shadow = document.getElementById("join")!.attachShadow({ mode: "open" });
shadow.adoptedStyleSheets = [sheet(), besideSheet()];
const paint = root(shadow);

let language: Language = chooseLanguage(navigator.languages, ["en", "fr"]);
let standing: JoinWord = "intro";
let busy = false;
let beside: Beside | null = null;
const say = (word: JoinWord) => said(language, word);

function kept(): Joined | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Joined | null;
  } catch {
    return null;
  }
}

function keep(joined: Joined): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(joined));
  } catch {
    // storage forbidden: a reload needs a new link
  }
}

async function follow(): Promise<void> {
  busy = true;
  draw();
  try {
    const answer = await fetch(`/api/v1/join/${encodeURIComponent(link)}`, { method: "POST", credentials: "omit" });
    if (answer.ok) return enter((await answer.json()) as Joined);
    standing = answer.status === 404 ? "unknown" : answer.status === 410 ? "over" : "failed";
  } catch {
    standing = "failed";
  }
  busy = false;
  draw();
}

function enter(joined: Joined): void {
  keep(joined);
  language = chooseLanguage([joined.language], ["en", "fr"]);
  if (joined.kind === "chat") return chat(joined);
  standing = "video";
  beside = new Beside(location.origin, joined.call_id!, joined.token!, draw);
  draw();
}

/** The widget takes up the visit, and stands open. */
function chat({ widget_key, visitor_token }: Joined): void {
  const name = `parlons:${widget_key}`;
  try {
    localStorage.setItem(name, JSON.stringify({ token: visitor_token, consented: false, pending: [] }));
    sessionStorage.setItem(name, "open");
  } catch {
    standing = "storage";
    return draw();
  }
  standing = "chat";
  draw();
  const script = document.createElement("script");
  script.src = "/widget.js";
  script.dataset.parlons = widget_key;
  script.lang = language;
  script.dataset.lang = language;
  document.body.append(script);
}

function sentence(): string {
  if (!beside) return say(standing);
  if (beside.state.over) return say("call_over");
  if (beside.state.replaced) return say("replaced");
  return say(beside.state.up ? (beside.talks ? "video" : "wait") : "connecting");
}

function Card(): Child {
  return (
    <div class={`card page ${beside ? "up" : "idle"}`} lang={language}>
      <header class="top">
        <h1>{say("title")}</h1>
        <button
          type="button"
          class="plain lang"
          lang={language === "fr" ? "en" : "fr"}
          onclick={() => {
            language = language === "fr" ? "en" : "fr";
            draw();
          }}
        >
          {say("language")}
        </button>
      </header>
      <p class="standing" role="status">
        {sentence()}
      </p>
      {standing === "intro" || standing === "failed" ? (
        <button type="button" class="main" aria-disabled={busy ? "true" : undefined} onclick={() => busy || void follow()}>
          {say(standing === "intro" ? "go" : "again")}
        </button>
      ) : null}
      <BesideView beside={beside} language={language} />
    </div>
  );
}

function draw(): void {
  document.documentElement.lang = language;
  document.title = say("title");
  paint(<Card />);
  fit(shadow, beside);
}

const before = kept();
if (before) enter(before);
else draw();
