/** What every part of the panel is given: the chat, its state, and how to say a word in the visitor's language. */
import type { Chat } from "./chat";
import type { Said, State } from "./state";
import { type Language, say, type Word } from "./words";

export interface Part {
  chat: Chat;
  state: State;
  language: Language;
  say: (word: Word, values?: Said["values"]) => string;
  onClose: () => void;
}

export const partOf = (chat: Chat, onClose: () => void): Part => ({
  chat,
  state: chat.state,
  language: chat.language,
  say: (word, values) => say(chat.language, word, values),
  onClose,
});
