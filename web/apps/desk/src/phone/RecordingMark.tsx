/** Says in the conversation's head whether the call in it is recorded now. */
import { useSnapshot } from "@parlons/sync/store.ts";
import { CircleDot, CirclePause } from "lucide-react";
import head from "../conversation/head.module.css";
import { useTexts } from "../i18n/index.ts";
import { callOfConversation } from "./calls.ts";

export function RecordingMark({ conversationId }: { conversationId: string }) {
  const { t } = useTexts();
  const state = useSnapshot((snapshot) => callOfConversation(snapshot, conversationId)?.recording.state ?? "off");
  if (state === "off") return null;
  const text = t(
    state === "on" ? "call.recordingOn" : state === "paused" ? "call.recordingPaused" : "call.recordingFailed",
  );
  return (
    <span className={head.recorded} data-state={state} title={text}>
      {state === "on" ? <CircleDot size={14} aria-hidden="true" /> : <CirclePause size={14} aria-hidden="true" />}
      <span>{text}</span>
    </span>
  );
}
