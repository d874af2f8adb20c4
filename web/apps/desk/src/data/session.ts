/** Who is signed in, and his preferences (kept by the server; a copy on the device paints the first frame right). */
import { ApiError, get, patch, post, remove } from "@parlons/client/http.ts";
import type { Me } from "@parlons/client/types.ts";
import { create } from "zustand";
import { framed } from "../driven/frame.ts";

export type Preferences = Partial<Pick<Me["user"], "locale" | "theme" | "contrast" | "density" | "sound" | "sounds" | "quiet" | "keymap">>;
export type Sounds = NonNullable<Preferences["sounds"]>;
export type Quiet = NonNullable<Preferences["quiet"]>;

interface Session {
  state: "loading" | "out" | "in" | "unreachable";
  me: Me | null;
  /** The device's copy of the preferences. */
  kept: Preferences;
}

const KEPT = "parlons.preferences";

function fromDevice(): Preferences {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Preferences;
  } catch {
    return {};
  }
}

export const useSession = create<Session>(() => ({
  state: "loading",
  me: null,
  kept: fromDevice(),
}));

/** Whether the server would let this person do such acts: what he may not is not shown. */
export const may = (right: Me["rights"][number]): boolean => useSession.getState().me?.rights.includes(right) ?? false;
export const useMay = (right: Me["rights"][number]): boolean =>
  useSession((session) => session.me?.rights.includes(right) ?? false);

export const keptPreferences = (): Preferences => useSession.getState().kept;

function keep(change: Preferences): void {
  const kept = { ...keptPreferences(), ...change };
  useSession.setState({ kept });
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // a private window may refuse: the server still keeps them
  }
}

/** Fetches who we are; `staying`: an unreachable server is no reason to leave the screen. */
export async function load(staying = false): Promise<void> {
  try {
    const me = await get<Me>("/me");
    useSession.setState({ state: "in", me });
  } catch (error) {
    const out = error instanceof ApiError && (error.status === 401 || error.status === 403);
    if (out) signedOut();
    else if (!staying) useSession.setState({ state: "unreachable", me: null });
  }
}

/** In a frame of another site the usual cookie would not come back; the one for frames needs a secure connection. */
const place = framed && isSecureContext ? { framed } : {};

export async function signIn(email: string, password: string): Promise<void> {
  await post("/session", { email, password, ...place });
  await load();
}

export async function signInByLink(token: string): Promise<void> {
  await post("/session/link", { token, ...place });
  await load();
}

/** What must be done while the session still stands; filled by who has such things. */
export const beforeSignOut: (() => Promise<void>)[] = [];

export async function signOut(): Promise<void> {
  await Promise.all(beforeSignOut.map((act) => act().catch(() => undefined)));
  await remove("/session").catch(() => undefined);
  useSession.setState({ state: "out", me: null });
}

export const signedOut = (): void => useSession.setState({ state: "out", me: null });

let unsent: Preferences = {};
let sending = false;

/** One request at a time: two on their way at once may arrive in the other order, and the older choice would stay. */
async function send(): Promise<void> {
  if (sending) return;
  sending = true;
  while (Object.keys(unsent).length) {
    const change = unsent;
    unsent = {};
    await patch("/me", change).catch(() => undefined);
  }
  sending = false;
}

/** Changes preferences on this screen at once and on the server after. */
export function prefer(change: Preferences): void {
  keep(change);
  const { me } = useSession.getState();
  if (me) {
    useSession.setState({ me: { ...me, user: { ...me.user, ...change } } });
    unsent = { ...unsent, ...change };
    void send();
  }
}

/** A preference of the person, else of the device, else the usual. */
export function usePreference<K extends keyof Preferences>(name: K): Preferences[K] {
  return useSession((session) => session.me?.user[name] ?? session.kept[name]);
}
