/** Questions to the live picture about colleagues' discussions: whose they are, what is unread, who is there. */
import type { Member, Reading, Discussion } from "@parlons/client/team.ts";
import type { Snapshot, Worker } from "@parlons/client/types.ts";
import type { Me } from "@parlons/client/types.ts";

/** People of a client see their firm's figures; what is said in the house is not for them. */
export const inHouse = (me: Me | null): boolean => me !== null && me.user.role_name !== "client";

const NONE = { read_number: 0, named_number: 0, draft: "" };

export const readingOf = (snapshot: Snapshot, id: string): Omit<Reading, "id"> => snapshot.readings?.[id] ?? NONE;

export interface Row {
  discussion: Discussion;
  unread: number;
  /** One of the unread lines names me. */
  named: boolean;
}

/** My discussions, the liveliest first. */
export function rows(snapshot: Snapshot): Row[] {
  return Object.values(snapshot.discussions ?? {})
    .sort((a, b) => b.last_at.localeCompare(a.last_at) || b.id.localeCompare(a.id))
    .map((discussion) => {
      const reading = readingOf(snapshot, discussion.id);
      return {
        discussion,
        unread: Math.max(0, discussion.last_number - reading.read_number),
        named: reading.named_number > reading.read_number,
      };
    });
}

/** How many lines I have not read, in all discussions. */
export const unreadIn = (snapshot: Snapshot): number => rows(snapshot).reduce((sum, row) => sum + row.unread, 0);

export const others = (discussion: Discussion, myId: string | undefined): Member[] =>
  discussion.members.filter((each) => each.user_id !== myId);

/** A team is called by its name, a discussion of two by the other one's. */
export const titleOf = (discussion: Discussion, myId: string | undefined): string =>
  discussion.kind === "team" ? discussion.name : (others(discussion, myId)[0]?.name ?? "");

export const workerOf = (snapshot: Snapshot, member: { worker_id?: string | null }): Worker | undefined =>
  member.worker_id ? snapshot.workers[member.worker_id] : undefined;

const CONVERSATION = /\/app\/c\/(CH[0-9a-f]{32})/;

/** The conversation whose address stands in a text. */
export const conversationIn = (text: string): string | null => CONVERSATION.exec(text)?.[1] ?? null;

export interface Piece {
  text: string;
  /** It names somebody. */
  named: boolean;
}

/** A text in pieces, so that names after @ can be set off; of two names the longer one counts. */
export function pieces(text: string, names: string[]): Piece[] {
  const wanted = [...names].filter(Boolean).sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return [{ text, named: false }];
  const escaped = wanted.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text
    .split(new RegExp(`(@(?:${escaped.join("|")}))`, "u"))
    .filter((each) => each !== "")
    .map((each) => ({ text: each, named: each.startsWith("@") && wanted.includes(each.slice(1)) }));
}
