/** Where one writes, for whatever puts words there (ready replies, names, links, signs): a plain field, or the editor of letters. */
import { replaceToken, type Token } from "./suggesting.ts";

export interface Field {
  /** The text around the caret: all of a plain field, one paragraph of a letter. */
  readonly value: string;
  /** Where the caret stands in it. */
  readonly caret: number;
  focus: () => void;
  /** Puts `text` in place of the token as if it were typed. */
  replace: (token: Token, text: string) => void;
  /** Puts `text` where the caret stands. */
  put: (text: string) => void;
  /** Puts `text` at the end of all, after a blank. */
  append: (text: string) => void;
}

const blankBefore = (text: string): string => (text && !/\s$/.test(text) ? " " : "");

export function plainField(node: HTMLTextAreaElement): Field {
  const place = (from: number, to: number, text: string) => replaceToken(node, { from, to, query: "" }, text);
  return {
    get value() {
      return node.value;
    },
    get caret() {
      return node.selectionStart;
    },
    focus: () => node.focus(),
    replace: (token, text) => replaceToken(node, token, text),
    put: (text) => place(node.selectionStart, node.selectionEnd, text),
    append: (text) => place(node.value.length, node.value.length, blankBefore(node.value) + text),
  };
}

/** Puts the sign at the end of the text around the caret, after a blank, as if it were typed. */
export function callFor(field: Field, sign: "/" | "@"): void {
  const end = field.value.length;
  field.replace({ from: end, to: end, query: "" }, blankBefore(field.value) + sign);
}
