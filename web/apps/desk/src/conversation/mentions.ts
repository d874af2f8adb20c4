/** `@` and a few letters in a note name a colleague, or a team of mine: each is told and may read the conversation. */
import { get } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { Discussion } from "@parlons/client/team.ts";
import { useSnapshot } from "@parlons/sync/store.ts";
import { type RefObject, useEffect, useMemo, useState } from "react";
import type { Field } from "./field.ts";
import { plain, type Suggestions, useSuggestions } from "./suggesting.ts";

export interface Colleague {
  id: Id;
  name: string;
  /** Of a team: who of it can be named here. */
  people?: Id[];
}

const SHOWN = 8;
const NONE: Record<Id, Discussion> = {};

/** Whoever of these stands in the text as @Name; of two names the longer one counts. */
export function named(text: string, colleagues: Colleague[]): Id[] {
  let rest = text;
  const found: Id[] = [];
  for (const each of [...colleagues].sort((a, b) => b.name.length - a.name.length)) {
    if (!rest.includes(`@${each.name}`)) continue;
    found.push(...(each.people ?? [each.id]));
    rest = rest.replaceAll(`@${each.name}`, "");
  }
  return [...new Set(found)];
}

/** My teams, each with those of it who can be named here. */
function teamsAmong(discussions: Record<Id, Discussion>, colleagues: Colleague[]): Colleague[] {
  const able = new Set(colleagues.map((each) => each.id));
  return Object.values(discussions)
    .filter((each) => each.kind === "team")
    .map(({ id, name, members }) => ({ id, name, people: members.map((one) => one.user_id).filter((one) => able.has(one)) }))
    .filter((each) => each.people.length > 0);
}

interface Asking {
  id: string;
  conversationId: string;
  enabled: boolean;
  text: string;
  field: RefObject<Field | null>;
}

export function useMentions({ id, conversationId, enabled, text, field }: Asking): [Suggestions<Colleague>, Colleague[]] {
  const [people, setPeople] = useState<Colleague[]>([]);
  const discussions = useSnapshot((snapshot) => snapshot.discussions ?? NONE);
  const colleagues = useMemo(() => [...people, ...teamsAmong(discussions, people)], [people, discussions]);
  const called = enabled && text.includes("@");
  useEffect(() => {
    if (!called) return;
    const leave = new AbortController();
    void get<{ items: Colleague[] }>(`/conversations/${conversationId}/colleagues`, leave.signal)
      .then((page) => setPeople(page.items))
      .catch(() => undefined);
    return () => leave.abort();
  }, [conversationId, called]);
  const suggestions = useSuggestions<Colleague>({
    id,
    sign: "@",
    enabled: called,
    text,
    field,
    find: (query) => {
      const words = plain(query).split(/\s+/).filter(Boolean);
      return colleagues.filter((each) => words.every((word) => plain(each.name).includes(word))).slice(0, SHOWN);
    },
    choose: (each, token) => field.current?.replace(token, `@${each.name} `),
  });
  return [suggestions, colleagues];
}
