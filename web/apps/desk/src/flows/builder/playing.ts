/** The simulator's story: what was chosen for the contact and what he did; the server plays all of it anew each time. */
import { create } from "zustand";
import { cause } from "../../data/actions.ts";
import { type Act, type Played, simulate, type Story } from "./server.ts";
import { textNow, useBuilder } from "./store.ts";

export interface Playing {
  /** Null: not begun. */
  acts: Act[] | null;
  story: Omit<Story, "acts">;
  failed: string | null;
  busy: boolean;
}

export const firstStory = (language: string): Omit<Story, "acts"> => ({
  language, channel: "voice", open: true, holiday: false, number: "+33612345678", variables: {}, http: {}, customer: null, dialled: "answered", code: "123456",
  reached: true, surveyed: true, bot: [],
});

export const usePlaying = create<Playing>(() => ({ acts: null, story: firstStory("en"), failed: null, busy: false }));

let mine = 0;

/** Plays the draft as it is now; what comes too late is not shown. */
export async function play(acts: Act[] | null, story = usePlaying.getState().story): Promise<void> {
  usePlaying.setState({ acts, story, failed: null, busy: acts !== null });
  const number = ++mine;
  if (acts === null) return useBuilder.setState({ played: null });
  try {
    const played = await simulate(textNow(), { ...story, acts });
    if (number === mine) useBuilder.setState({ played });
  } catch (error) {
    if (number === mine) usePlaying.setState({ failed: cause(error) });
  } finally {
    if (number === mine) usePlaying.setState({ busy: false });
  }
}

export const does = (act: Act): Promise<void> => play([...(usePlaying.getState().acts ?? []), act]);
export const back = (): Promise<void> => play((usePlaying.getState().acts ?? []).slice(0, -1));

/** Six figures that are not the code. */
export const wrongCode = (code: string): string => (code === "000000" ? "111111" : "000000");

export const canAct = (played: Played | null): boolean => played !== null && played.ended === null && played.begun;
