/** What the line tells of calls, passed on to whoever drives the desk from around it; to nobody otherwise. */
import type { WireEvent } from "@parlons/sync/socket.ts";

type Ear = (event: WireEvent) => void;
let ear: Ear | null = null;

export const heardCall = (event: WireEvent): void => ear?.(event);

/** One listener; returns how to stop. */
export function hearCalls(listener: Ear): () => void {
  ear = listener;
  return () => {
    ear = null;
  };
}
