/** Opens what is beside a call of this page when the call is up, and closes it with the call. */
import type { CallSession } from "../call/session";
import { Beside } from "./beside";

export function besideCall(session: CallSession, origin: string, changed: () => void): { now: () => Beside | null } {
  let open: Beside | null = null;
  let of = "";
  session.subscribe(() => {
    const { phase } = session.state;
    if (phase === "up" && session.callId && of !== session.callId) {
      open?.close();
      of = session.callId;
      open = new Beside(origin, of, session.api.token, changed);
    } else if (open && (phase === "ended" || phase === "idle")) {
      open.close();
      open = null;
      of = "";
    }
  });
  return { now: () => open };
}
