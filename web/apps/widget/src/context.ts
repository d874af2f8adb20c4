/** What every part of the panel is given: the chat, its state, and how to say a word in the visitor's language. */
import type { PanelChat } from "./panel-chat";
import type { Said, State } from "@parlons/chat/state.ts";
import { size } from "./format";
import { type Language, say, type Word } from "./words";

export interface Part {
  chat: PanelChat;
  state: State;
  language: Language;
  say: (word: Word, values?: Said["values"]) => string;
  onClose: () => void;
}

export const partOf = (chat: PanelChat, onClose: () => void): Part => ({
  chat,
  state: chat.state,
  language: chat.language,
  say: (word, values) =>
    say(chat.language, word, values?.bytes ? { ...values, size: size(Number(values.bytes), chat.language) } : values),
  onClose,
});
