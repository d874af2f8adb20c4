/** @jsxImportSource .. */
/** The call as its caller sees it: where it stands, the words said, mute, keypad, hang up. */
import type { Beside } from "../beside/beside";
import { BesideView } from "../beside/view";
import type { Child } from "../jsx-runtime";
import type { Language } from "../words";
import { hangIcon, keysIcon, micIcon, micOffIcon, phoneIcon } from "./icons";
import type { CallSession, CallState } from "./session";
import { clock, type Say, standing } from "./standing";
import { say as said } from "./words";

export interface Shown {
  session: CallSession;
  /** The picture and the text, while somebody is there for them. */
  beside: Beside | null;
  language: Language;
  /** The page asks for a name and has a button to begin; in the widget the call has begun already. */
  page: boolean;
  name: () => string;
  begin: () => void;
  close: () => void;
  switchLanguage: () => void;
}

const KEYS = [..."123456789*0#"];

function Captions({ state, say }: { state: CallState; say: Say }) {
  const words = state.standing?.captions ?? [];
  if (!words.length) return null;
  return (
    <div class="captions" role="log" aria-label={say("captions")} tabindex={0}>
      {words.map((text, at) => (
        <p key={`c${at}`} class={at === words.length - 1 ? "newest" : "said"}>
          {text}
        </p>
      ))}
    </div>
  );
}

function Keypad({ session, say }: { session: CallSession; say: Say }) {
  const { sent } = session.state;
  return (
    <div class="pad" role="group" aria-label={say("keypad")}>
      <p class="sent" role="status">
        {sent ? say("sent", { keys: sent }) : ""}
      </p>
      <div class="keys">
        {KEYS.map((key) => (
          <button key={key} type="button" aria-label={say("key", { key })} onclick={() => session.press(key)}>
            {key}
          </button>
        ))}
      </div>
    </div>
  );
}

function Controls({ session, say }: { session: CallSession; say: Say }) {
  const { muted, keypad, phase } = session.state;
  const up = phase === "up";
  return (
    <div class="controls">
      {up ? (
        <button
          type="button"
          key="mic"
          class="round mic"
          aria-pressed={muted ? "true" : "false"}
          aria-label={say(muted ? "unmute" : "mute")}
          onclick={() => session.mute()}
        >
          {muted ? micOffIcon : micIcon}
        </button>
      ) : null}
      {up ? (
        <button
          type="button"
          key="dial"
          class="round dial"
          aria-expanded={keypad ? "true" : "false"}
          aria-label={say("keypad")}
          onclick={() => session.set({ keypad: !keypad })}
        >
          {keysIcon}
        </button>
      ) : null}
      <button type="button" key="hang" class="round hang" aria-label={say("hang_up")} onclick={() => session.hangUp()}>
        {hangIcon}
      </button>
    </div>
  );
}

function Notes({ session, say }: { session: CallSession; say: Say }) {
  const { trouble, mending, silent, muted, phase, standing: now } = session.state;
  const menu = phase === "up" && now?.state === "menu";
  return (
    <div class="notes" role="status">
      {trouble ? (
        <p key="bad" class="bad">
          {say(trouble)}
        </p>
      ) : null}
      {mending ? (
        <p key="mend" class="warn">
          {say("mending")}
        </p>
      ) : null}
      {muted ? (
        <p key="muted" class="warn">
          {say("muted")}
        </p>
      ) : null}
      {menu ? <p key="menu">{say("menu_help")}</p> : null}
      {silent ? (
        <p key="silent" class="warn">
          {say("silent")}{" "}
          <button type="button" class="link" onclick={() => session.hear()}>
            {say("hear")}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function Begin(shown: Shown & { say: Say }) {
  const { session, say, page, begin, close } = shown;
  const { phase, trouble, line } = session.state;
  const again = phase === "ended" || trouble !== null;
  if (trouble === "unknown" || trouble === "insecure")
    return page ? null : (
      <button type="button" class="plain" onclick={close}>
        {say("close")}
      </button>
    );
  return (
    <form
      class="begin"
      onsubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      {page && !again ? <p>{say("intro")}</p> : null}
      {page && line?.open === false ? <p class="warn">{say("closed")}</p> : null}
      {page ? (
        <label>
          {say("your_name")}
          <input name="name" autocomplete="name" maxlength={200} />
        </label>
      ) : null}
      <button type="submit" class="main">
        {phoneIcon} {say(again ? "again" : "call")}
      </button>
      {page ? null : (
        <button type="button" class="plain" onclick={close}>
          {say("close")}
        </button>
      )}
    </form>
  );
}

export function CallView(shown: Shown): Child {
  const { session, language, page } = shown;
  const { state } = session;
  const say: Say = (word, values) => said(language, word, values);
  const firm = state.line?.firm_name ?? state.line?.name ?? "";
  const idle = state.phase === "idle" || state.phase === "ended";
  const time = state.phase === "up" && state.since ? clock(Date.now() - state.since) : "";
  return (
    <div
      class={page ? `card page ${state.phase}` : "card"}
      role={page ? undefined : "dialog"}
      aria-label={page ? undefined : say("title", { firm })}
      lang={language}
    >
      <header class="top">
        <h1>{state.phase === "idle" ? say("title", { firm }) : firm || say("call")}</h1>
        {time ? (
          <span class="time" aria-hidden="true">
            {time}
          </span>
        ) : null}
        {page ? (
          <button
            type="button"
            class="plain lang"
            lang={language === "fr" ? "en" : "fr"}
            onclick={shown.switchLanguage}
          >
            {say("language")}
          </button>
        ) : null}
      </header>
      <p class="standing" role="status">
        {state.phase === "idle" ? "" : standing(state, say)}
      </p>
      <Notes session={session} say={say} />
      <Captions state={state} say={say} />
      {idle ? null : <BesideView beside={shown.beside} language={language} />}
      {state.keypad ? <Keypad session={session} say={say} /> : null}
      {idle ? <Begin {...shown} say={say} /> : <Controls session={session} say={say} />}
    </div>
  );
}
