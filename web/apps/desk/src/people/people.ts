/** People, roles, keys and the audit as the server tells them; what one may give to others. Decides no screen. */
import { get, patch, post, remove } from "@parlons/client/http.ts";
import type { Id } from "@parlons/client/types.ts";
import type { ParseKeys } from "i18next";
import { useEffect, useState } from "react";
import { attempt } from "../data/actions.ts";
import { useSession } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";

export const RIGHTS = [
  "serve",
  "fetch",
  "figures",
  "read",
  "coach",
  "steer",
  "plan",
  "people",
  "configure",
  "keys",
  "audit",
  "webhooks",
] as const;
export type Right = (typeof RIGHTS)[number];

export interface Person {
  id: Id;
  worker_id: Id | null;
  email: string;
  name: string;
  role: string;
  firm_ids: Id[] | null;
  queue_ids: Id[] | null;
  locale: "en" | "fr";
  active: boolean;
  signed_in_at: string | null;
  /** Until when the link that was not used yet opens. */
  invited: string | null;
  version: number;
}

export interface Role {
  id: Id | null;
  name: string;
  rights: Right[];
  preset: boolean;
  bound: boolean;
  people: number;
  version: number;
}

export type Draft = Pick<Person, "email" | "name" | "role" | "firm_ids" | "queue_ids" | "locale">;
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** A list read once and again on `again()`. */
export function useTold<T>(path: string | null): [T | null, () => Promise<void>] {
  const [told, setTold] = useState<T | null>(null);
  const read = async () => {
    if (path === null) return;
    const found = await attempt(get<T>(path));
    if (found) setTold(found);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew when the path is another
  useEffect(() => void read(), [path]);
  return [told, read];
}

/** All people: page after page. */
export async function everybody(): Promise<Person[]> {
  const found: Person[] = [];
  for (let after = ""; ; ) {
    const page = await get<Page<Person>>(`/users?limit=500${after}`);
    found.push(...page.items);
    if (!page.next) return found;
    after = `&after=${page.next}`;
  }
}

export const keepPerson = (draft: Draft, before: Person | null) =>
  before
    ? patch<Person>(`/users/${before.id}`, { ...draft, version: before.version })
    : post<Person & { link: string }>("/users", draft);

export const setActive = (person: Person, active: boolean): Promise<unknown> =>
  active ? patch<Person>(`/users/${person.id}`, { active }) : remove(`/users/${person.id}`).then(() => true);

/** What somebody with these rights may give: his own, and to serve. */
export function useMayGive(): (rights: Right[]) => boolean {
  const mine = useSession((session) => session.me?.rights);
  return (rights) => rights.every((each) => mine?.includes(each) || each === "serve" || each === "fetch");
}

/** A preset's name in the reader's language; an own role as it is called. */
export function useRoleName(): (name: string) => string {
  const { t } = useTexts();
  return (name) => (PRESETS.includes(name) ? t(`staff.preset.${name}` as ParseKeys) : name);
}

const PRESETS = [
  "agent",
  "specialist",
  "supervisor",
  "manager",
  "director",
  "quality",
  "trainer",
  "planner",
  "administrator",
  "client",
];
