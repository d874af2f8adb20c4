/** Where a call stands, in words. Pure. */
import type { CallState } from "./session";
import type { CallWord } from "./words";

export type Say = (word: CallWord, values?: Record<string, string | number>) => string;

/** 0:38, 12:41. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
}

/** Where the call stands, in a sentence. Pure. */
export function standing(state: CallState, say: Say): string {
  const { phase, standing: now, since } = state;
  if (phase === "microphone") return say("microphone");
  if (phase === "ended") return since ? say("ended_after", { time: clock(Date.now() - since) }) : say("ended");
  if (!now || phase === "connecting") return say("connecting");
  switch (now.state) {
    case "ringing":
      return say("ringing");
    case "menu":
      return say("menu");
    case "waiting":
      return now.position
        ? say(now.position === 1 ? "position_next" : "position", { n: now.position })
        : say("waiting");
    case "held":
    case "consulting":
    case "parked":
      return say("held");
    default:
      return now.agent_name ? say("talking_with", { name: now.agent_name }) : say("talking");
  }
}
