/** What was said in the discussions that were opened, what is on its way, and what is being taken back. */
import { call, get, newKey, post } from "@parlons/client/http.ts";
import type { Line } from "@parlons/client/team.ts";
import i18next from "i18next";
import { create } from "zustand";
import { attempt, cause } from "../data/actions.ts";
import { announce, undoable } from "../data/ui.ts";

export interface Outgoing {
  key: string;
  text: string;
  mentions: string[];
  conversationId: string | null;
  at: string;
  /** Why it did not go. */
  failed: string | null;
}

export interface Said {
  /** In their order. */
  lines: Line[];
  /** Where earlier ones begin; null: there are none. */
  earlier: string | null;
  outgoing: Outgoing[];
  state: "loading" | "ready" | "broken";
}

interface Store {
  said: Record<string, Said>;
  /** Lines whose taking back waits for its ten seconds. */
  going: Record<string, true>;
  /** The conversation that the next line is about. */
  about: { id: string; name: string } | null;
  /** The discussion that was just begun: its composer gets the caret when it comes. */
  entering: string | null;
}

export const useSaid = create<Store>(() => ({ said: {}, going: {}, about: null, entering: null }));

const NEW: Said = { lines: [], earlier: null, outgoing: [], state: "loading" };
type Page = { items: Line[]; next: string | null };

const change = (id: string, how: (said: Said) => Said): void =>
  useSaid.setState(({ said }) => ({ said: { ...said, [id]: how(said[id] ?? NEW) } }));

/** Lines by their number, each once; the newer telling counts. */
function joined(before: Line[], more: Line[]): Line[] {
  const all = new Map([...before, ...more].map((line) => [line.id, line]));
  return [...all.values()].sort((a, b) => a.number - b.number);
}

/** Fetches the newest lines: at opening, and after the line to the server was cut. */
export async function open(id: string): Promise<void> {
  try {
    const page = await get<Page>(`/team/discussions/${id}/lines`);
    change(id, (said) => {
      const known = said.lines.some((line) => page.items.some((each) => each.id === line.id));
      const kept = known ? said : NEW;
      return { ...said, lines: joined(kept.lines, page.items), earlier: known ? said.earlier : page.next, state: "ready" };
    });
  } catch {
    change(id, (said) => ({ ...said, state: said.lines.length > 0 ? "ready" : "broken" }));
  }
}

export async function openEarlier(id: string): Promise<void> {
  const cursor = useSaid.getState().said[id]?.earlier;
  if (!cursor) return;
  const page = await attempt(get<Page>(`/team/discussions/${id}/lines?cursor=${encodeURIComponent(cursor)}`));
  if (page) change(id, (said) => ({ ...said, lines: joined(page.items, said.lines), earlier: page.next }));
}

/** A line was said, or taken back: known where its discussion was opened. */
export function takeInLine(line: Line): void {
  if (useSaid.getState().said[line.discussion_id]) change(line.discussion_id, (said) => ({ ...said, lines: joined(said.lines, [line]) }));
}

export function reopen(): void {
  for (const id of Object.keys(useSaid.getState().said)) void open(id);
}

async function deliver(id: string, one: Outgoing): Promise<void> {
  const body = { text: one.text, mentions: one.mentions, conversation_id: one.conversationId };
  try {
    const line = await post<Line>(`/team/discussions/${id}/lines`, body, { key: one.key });
    change(id, (said) => ({
      ...said,
      lines: joined(said.lines, [line]),
      outgoing: said.outgoing.filter((each) => each.key !== one.key),
    }));
  } catch (error) {
    const why = cause(error);
    change(id, (said) => ({
      ...said,
      outgoing: said.outgoing.map((each) => (each.key === one.key ? { ...each, failed: why } : each)),
    }));
    announce(i18next.t("log.failed", { cause: why }), true);
  }
}

export function say(id: string, text: string, mentions: string[], conversationId: string | null): void {
  const one = { key: newKey(), text, mentions, conversationId, at: new Date().toISOString(), failed: null };
  change(id, (said) => ({ ...said, outgoing: [...said.outgoing, one] }));
  void deliver(id, one);
}

/** Under the same key: what did arrive is not doubled. */
export function sayAgain(id: string, one: Outgoing): void {
  change(id, (said) => ({
    ...said,
    outgoing: said.outgoing.map((each) => (each.key === one.key ? { ...each, failed: null } : each)),
  }));
  void deliver(id, { ...one, failed: null });
}

export function takeBack(line: Line): void {
  const going = (on: boolean) =>
    useSaid.setState((store) => {
      const { [line.id]: _, ...rest } = store.going;
      return { going: on ? { ...rest, [line.id]: true } : rest };
    });
  going(true);
  undoable(
    i18next.t("team.takenBack"),
    () =>
      void attempt(call<Line>("DELETE", `/team/discussions/${line.discussion_id}/lines/${line.id}`, undefined, { keepalive: true })).then((gone) => {
        if (gone) takeInLine(gone);
        going(false);
      }),
    () => going(false),
  );
}
