/** The live picture of the workspace: the last snapshot plus every event since, folded; components read by selector. */
import type { Snapshot } from "@parlons/client/types.ts";
import { create } from "zustand";
import { fold } from "./fold.ts";
import type { LineStatus, WireEvent } from "./socket.ts";

export interface Live {
  status: LineStatus;
  /** When the last word came from the server (ms); shown while the line is lost. */
  heardAt: number;
  snapshot: Snapshot;
}

const EMPTY: Snapshot = {
  activities: {},
  queues: {},
  workers: {},
  tasks: {},
  reservations: {},
  conversations: {},
};

export const useLive = create<Live>(() => ({
  status: "connecting",
  heardAt: 0,
  snapshot: EMPTY,
}));

export const putSnapshot = (snapshot: Snapshot): void =>
  useLive.setState({
    snapshot: { ...EMPTY, ...snapshot },
    heardAt: Date.now(),
  });

export const putEvent = (event: WireEvent): void =>
  useLive.setState((live) => ({
    snapshot: fold(live.snapshot, event),
    heardAt: Date.now(),
  }));

export const putStatus = (status: LineStatus): void => useLive.setState({ status });

export const forget = (): void => useLive.setState({ status: "connecting", snapshot: EMPTY });

/** One part of the live picture. */
export const useSnapshot = <T>(select: (snapshot: Snapshot) => T): T => useLive((live) => select(live.snapshot));
