/** The ready replies of a conversation, as its customer will read them: fetched when first called for, searched here. */
import { get } from "@parlons/client/http.ts";
import type { TFunction } from "i18next";
import { type RefObject, useEffect, useRef, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import type { Field } from "./field.ts";
import { found, type Reply } from "./finding.ts";
import { type Suggestions, useSuggestions } from "./suggesting.ts";

/** Null until they are here; asked for anew each time `open` turns true. */
export function useReplies(conversationId: string, open: boolean): Reply[] | null {
  const [replies, setReplies] = useState<Reply[] | null>(null);
  useEffect(() => {
    if (!open) return;
    let here = true;
    void attempt(get<{ items: Reply[] }>(`/conversations/${conversationId}/replies`)).then(
      (page) => here && page && setReplies(page.items),
    );
    return () => {
      here = false;
    };
  }, [conversationId, open]);
  return replies;
}

const VARIABLES = [
  "customer.name",
  "customer.first_name",
  "customer.email",
  "customer.phone",
  "customer.language",
  "agent.name",
  "agent.first_name",
  "firm.name",
  "conversation.subject",
] as const;

/** A variable in words: the customer’s phone. */
export function variableName(variable: string, t: TFunction): string {
  const known = VARIABLES.find((each) => variable === each || variable.startsWith(`${each} `));
  if (known) return t(`comfort.variable.${known.replace(".", "_") as "customer_name"}`);
  return variable.replace(/^customer\.attributes\./, "");
}

/** As it is put into the text: what is missing stands in brackets, to be written by hand. */
export const toInsert = (reply: Reply, t: TFunction): string =>
  reply.pieces.map((piece) => (piece.missing ? `[${variableName(piece.missing, t)}]` : piece.text)).join("");

interface Asking {
  id: string;
  conversationId: string;
  enabled: boolean;
  text: string;
  field: RefObject<Field | null>;
  /** Sends what stands in the composer. */
  send: () => void;
}

/** `/` and a few letters: the replies that fit, put into the text by Enter, sent at once by Ctrl Enter unless a value is missing. */
export function useReplySuggestions({ id, conversationId, enabled, text, field, send }: Asking): Suggestions<Reply> {
  const { t } = useTexts();
  const called = enabled && /(^|\s)\//.test(text);
  const replies = useReplies(conversationId, called);
  const sending = useRef(send);
  sending.current = send;
  return useSuggestions<Reply>({
    id,
    sign: "/",
    enabled: called,
    text,
    field,
    find: (query) => found(replies ?? [], query),
    choose: (reply, token, now) => {
      if (!field.current) return;
      field.current.replace(token, toInsert(reply, t));
      if (now && reply.missing.length === 0) requestAnimationFrame(() => sending.current());
    },
  });
}
