/** @jsxImportSource . */
/** The launcher and the panel: who answers, how fast, and whatever stands in the way, in one sentence. */
import { Composer } from "./composer";
import type { Part } from "./context";
import { duration, initials, opening } from "./format";
import { chatIcon, crossIcon, downIcon, markIcon, minusIcon, phoneIcon } from "./icons";
import type { Child } from "./jsx-runtime";
import { Log } from "./log";
import { isOffline, unread } from "@parlons/chat/state.ts";

const phone = () => matchMedia("(max-width:480px)").matches;

function standing({ state, language, say }: Part): string {
  const { config } = state;
  if (!config) return "";
  if (!config.open)
    return config.next_opening_at
      ? say("closed_until", {
          when: opening(config.next_opening_at, new Date(), language),
        })
      : say("closed");
  return config.reply_seconds ? say("online_reply", { time: duration(config.reply_seconds, language) }) : say("online");
}

function Head(part: Part) {
  const { chat, state, say } = part;
  const firm = state.config?.texts.title ?? state.config?.name ?? "";
  const agent = state.conversation?.agent;
  return (
    <header class="head">
      <span class={agent ? "face" : "face firm"} aria-hidden="true">
        {agent?.initials ?? initials(firm)}
      </span>
      <div class="who">
        <b>{agent ? `${agent.name}, ${firm}` : firm}</b>
        <span>{standing(part)}</span>
      </div>
      {state.config?.call_line ? (
        <button type="button" class="icon" key="call" aria-label={say("call")} onclick={() => chat.call()}>
          {phoneIcon}
        </button>
      ) : null}
      <button type="button" class="icon" aria-label={say("minimise")} onclick={part.onClose}>
        {phone() ? crossIcon : minusIcon}
      </button>
    </header>
  );
}

/** Lines that stand until their cause is gone. Read out politely, once each. */
function Status({ state, say }: Part) {
  const { conversation, notice, line } = state;
  const lost = line === "lost" || notice?.word === "lost";
  const bar = (kind: string, text: string): Child => (
    <p key={text} class={`bar ${kind}`}>
      {text}
    </p>
  );
  const position = conversation?.position;
  return (
    <div role="status" key="status">
      {state.broken ? bar("bad", say(state.broken)) : null}
      {lost ? bar("warn", say("lost")) : null}
      {notice && notice.word !== "lost"
        ? bar(notice.word === "slow_down" ? "warn" : "bad", say(notice.word, notice.values))
        : null}
      {state.wanted ? bar("", say("when_arrived")) : null}
      {conversation?.status === "waiting" && !lost
        ? bar(
            "",
            position
              ? say(position === 1 ? "position_next" : "position", {
                  n: position,
                })
              : say("in_line"),
          )
        : null}
      {conversation?.status === "not_served" ? bar("warn", say("not_served")) : null}
      {conversation?.status === "closed" ? bar("", say("ended")) : null}
    </div>
  );
}

function Under(part: Part) {
  const { chat, state, say } = part;
  const { privacy_url: privacy, help } = state.config ?? {};
  return (
    <div class="under">
      {chat.api.token ? null : <span>{say("consent")}</span>}
      {privacy ? (
        <a href={privacy} target="_blank" rel="noopener noreferrer">
          {say("privacy")}
        </a>
      ) : null}
      {help ? (
        <a href={chat.api.origin + help} target="_blank" rel="noopener noreferrer" key="help">
          {say("help")}
        </a>
      ) : null}
      {chat.extra?.off(part)}
      <span class="mark">{markIcon} Parlons</span>
    </div>
  );
}

/** On a phone the panel is the whole screen, so Tab goes round inside it. */
function keepInside(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>('button,a,textarea,input:not([hidden]),[tabindex="0"]')];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if ((panel.getRootNode() as ShadowRoot).activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

function Panel(part: Part) {
  const { state, language, say, onClose } = part;
  const away = isOffline(state);
  // Inside another page the panel is only as wide as its frame: Tab must lead out of it again.
  const modal = phone() && window.parent === window;
  return (
    <div
      class="panel"
      role="dialog"
      aria-modal={modal ? "true" : undefined}
      aria-label={say("dialog", { firm: state.config?.name ?? "Parlons" })}
      tabindex={-1}
      lang={language}
      onkeydown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onClose();
        } else if (event.key === "Tab" && modal) keepInside(event, event.currentTarget);
      }}
    >
      <Head {...part} />
      <Status {...part} />
      {away ? part.chat.leaveForm?.(part) : <Log {...part} />}
      {/waiting|kept/.test(state.conversation?.status ?? "") ? part.chat.offers?.draw(part) : null}
      {part.chat.extra?.ask(part)}
      <div class="foot">
        {away ? null : <Composer {...part} />}
        <Under {...part} />
      </div>
    </div>
  );
}

export function App(part: Part): Child {
  const { chat, state, language, say, onClose } = part;
  const waiting = unread(state).length;
  const news = state.open || !waiting ? "" : say("unread", { n: waiting });
  return (
    <div class="root" data-open={state.open} lang={language}>
      {state.open ? <Panel {...part} /> : null}
      <button
        type="button"
        class="launch"
        aria-label={state.open ? say("minimise") : [say("open"), news].filter(Boolean).join(", ")}
        aria-expanded={state.open}
        onpointerenter={() => void chat.loadConfig()}
        onclick={() => (state.open ? onClose() : chat.open())}
      >
        {state.open ? downIcon : chatIcon}
        {news ? (
          <span class="n" aria-hidden="true">
            {waiting}
          </span>
        ) : null}
      </button>
      <span class="sr" role="status">
        {news}
      </span>
    </div>
  );
}
