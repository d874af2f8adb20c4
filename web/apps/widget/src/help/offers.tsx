/** @jsxImportSource .. */
/**
 * `widget-help.js`: fetched once the visitor has written to a firm with an open help centre. At most three articles while he waits;
 * they go when somebody answers, or when he hides them. His message is with the firm already: nothing here is in its way.
 */
import type { Part } from "../context";
import type { Child } from "../jsx-runtime";
import type { Offers, PanelChat } from "../panel-chat";
import { said } from "./words";

interface Offered {
  title: string;
  language: string;
  path: string;
}

export function begin(chat: PanelChat): Offers {
  let items: Offered[] = [];
  let hidden = false;
  const hide = () => {
    hidden = true;
    chat.set({});
  };
  return {
    look: () => {
      if (hidden) return;
      chat.api.call<{ items: Offered[] }>("GET", "/suggestions").then(
        (told) => {
          items = told.items;
          if (items.length) chat.set({});
        },
        () => undefined,
      );
    },
    draw: (part: Part): Child => {
      const words = said(part.language);
      if (hidden || !items.length) return null;
      return (
        <section class="bar offers" key="offers" aria-label={words.name}>
          <p role="status" key="told">
            {words.told}
          </p>
          <ul>
            {items.map((each) => (
              <li key={each.path}>
                <a href={chat.api.origin + each.path} lang={each.language} target="_blank" rel="noopener noreferrer">
                  {each.title}
                </a>
              </li>
            ))}
          </ul>
          <button type="button" class="link" key="hide" onclick={hide}>
            {words.hide}
          </button>
        </section>
      );
    },
  };
}
