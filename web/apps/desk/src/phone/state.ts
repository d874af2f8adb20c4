/** What this tab's phone is, for every screen to read; the phone itself (phone.ts) is loaded when it is first needed. */
import type { Id } from "@parlons/client/types.ts";
import type { Quality } from "@parlons/client/voice.ts";
import { create } from "zustand";
import type { MicrophoneState } from "./devices.ts";

export interface Phone {
  /** `off`: not wanted now. `elsewhere`: another tab holds it. `down`: given up, by hand again. */
  state: "off" | "insecure" | "elsewhere" | "starting" | "ready" | "reconnecting" | "down";
  legId: Id | null;
  /** Why the phone is down. */
  error: string | null;
  muted: boolean;
  microphone: MicrophoneState;
  /** The browser keeps back the sound until it is asked for by a press. */
  silent: boolean;
  quality: Quality | null;
}

export const NO_PHONE: Phone = {
  state: "off",
  legId: null,
  error: null,
  muted: false,
  microphone: "unasked",
  silent: false,
  quality: null,
};

export const usePhone = create<Phone>(() => NO_PHONE);

/** The phone's own code, fetched once. */
export const loadPhone = () => import("./phone.ts");
/** What stands on the screen during a call. Fetched with the phone: no call may depend on a server that dies as it begins. */
export const loadCallBar = () => import("./CallBar.tsx");
export const loadTrouble = () => import("./Trouble.tsx");
