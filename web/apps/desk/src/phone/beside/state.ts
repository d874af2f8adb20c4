/** What goes on beside my call, for the call bar to show; what carries it (carry.ts) is loaded when it is first needed. */
import type { Id } from "@parlons/client/types.ts";
import type { SideState } from "@parlons/sync/side.ts";
import { create } from "zustand";

export interface BesideState {
  callId: Id | null;
  /** The customer has a page open beside the call. */
  page: boolean;
  /** His line as he types it. */
  farText: string;
  video: SideState | null;
  /** The panel stands open. */
  open: boolean;
}

export const NOTHING: BesideState = { callId: null, page: false, farText: "", video: null, open: false };

export const useBeside = create<BesideState>(() => NOTHING);

export const loadCarry = () => import("./carry.ts");

/** A frame of the customer's page. */
export function heardBeside(data: Record<string, unknown>): void {
  void loadCarry().then((carry) => carry.heard(data as unknown as Parameters<typeof carry.heard>[0]));
}
