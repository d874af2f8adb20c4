/** Keeps the phone on for the length of a shift, or of a call; a person without a voice channel never has one. */
import { useLive, useSnapshot } from "@parlons/sync/store.ts";
import { useEffect } from "react";
import { activityShape } from "../data/select.ts";
import { useSession } from "../data/session.ts";
import { myCall, supervised } from "./calls.ts";
import { loadCallBar, loadPhone, loadTrouble, usePhone } from "./state.ts";

/** Whether calls can reach this person. */
export function useHasVoice(): boolean {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  return useSnapshot((snapshot) => {
    const voice = workerId ? snapshot.workers[workerId]?.channels?.voice : undefined;
    return snapshot.calls !== undefined && (voice?.capacity ?? 0) > 0;
  });
}

export function usePhoneShift(): void {
  const workerId = useSession((session) => session.me?.worker_id ?? null);
  const voice = useHasVoice();
  const known = useSnapshot((snapshot) => workerId !== null && snapshot.workers[workerId] !== undefined);
  const onShift = useSnapshot((snapshot) => {
    const worker = workerId ? snapshot.workers[workerId] : undefined;
    return worker !== undefined && activityShape(snapshot.activities[worker.activity_id]) !== "off";
  });
  const legId = usePhone((phone) => phone.legId);
  const busy = useSnapshot((snapshot) => Boolean(myCall(snapshot, workerId) ?? supervised(snapshot, legId, null)));
  const wanted = busy || (voice && onShift);
  useEffect(() => {
    if (wanted) {
      void loadPhone().then((phone) => phone.start());
      void loadCallBar();
      void loadTrouble();
    } else if (known && usePhone.getState().state !== "off") void loadPhone().then((phone) => phone.stop());
  }, [wanted, known]);
  // The server is back after an outage that the phone gave up in.
  const live = useLive((each) => each.status === "live");
  useEffect(() => {
    if (live && wanted && usePhone.getState().state === "down") void loadPhone().then((phone) => phone.start());
  }, [live, wanted]);
  useEffect(
    () => () => {
      if (usePhone.getState().state !== "off") void loadPhone().then((phone) => phone.stop());
    },
    [],
  );
}
