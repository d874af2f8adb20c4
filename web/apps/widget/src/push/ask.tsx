/** @jsxImportSource .. */
/**
 * `widget-notify.js`: fetched once the visitor has written, on sites that offer notifications. The question in the panel and its
 * end; a press on a notification opens the panel.
 */
import type { Extra, PanelChat } from "../panel-chat";
import type { Part } from "../context";
import { Pushing } from "@parlons/chat/pushing.ts";
import { said } from "./words";

const OPENS = "#parlons";

function Ask({ pushing, part }: { pushing: Pushing; part: Part }) {
  const words = said(part.language);
  if (pushing.state === "denied" || pushing.state === "failed") return <p class="bar warn">{words[pushing.state]}</p>;
  if (pushing.state !== "offered") return null;
  return (
    <div class="bar" key="ask" role="group" aria-label={words.ask}>
      {words.ask}
      <div>
        <button type="button" class="link" key="yes" onclick={() => void pushing.accept()}>
          {words.yes}
        </button>
        <button type="button" class="link" key="no" onclick={() => void pushing.refuse()}>
          {words.no}
        </button>
      </div>
    </div>
  );
}

/** An open page is told by the worker; a page that was opened for it, by its own address. */
function openWhenPressed(chat: PanelChat): void {
  const { serviceWorker } = navigator;
  serviceWorker?.addEventListener("message", ({ data }) => {
    if ((data as { parlons?: unknown } | null)?.parlons === "open") chat.open();
  });
  serviceWorker?.startMessages();
  if (location.hash !== OPENS) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  chat.open();
}

export function begin(chat: PanelChat): Extra {
  const pushing = new Pushing({
    api: chat.api,
    worker: chat.worker,
    language: () => chat.language,
    kept: () => chat.device.read().push,
    keep: (push) => chat.device.write({ push }),
    changed: () => chat.set({}),
  });
  openWhenPressed(chat);
  return {
    look: () => pushing.look(),
    forget: () => pushing.forget(),
    ask: (part) => <Ask pushing={pushing} part={part} />,
    off: ({ language }) =>
      pushing.state === "on" ? (
        <button type="button" class="link" key="off" onclick={() => void pushing.refuse()}>
          {said(language).off}
        </button>
      ) : null,
  };
}
