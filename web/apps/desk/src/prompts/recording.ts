/** Speaking into the microphone: begins and ends by hand, and ends by itself after `longestMs`. */
import { useEffect, useRef, useState } from "react";
import { openMicrophone } from "../phone/devices.ts";
import { listen } from "../phone/level.ts";
import { asWav } from "./wav.ts";

export type Trouble = "microphone" | "sound" | null;

export function useRecorder(onFile: (file: File) => void, longestMs: number) {
  const [since, setSince] = useState<number | null>(null);
  const [level, setLevel] = useState(0);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const stop = useRef<() => void>(() => undefined);
  const opening = useRef(false);
  useEffect(() => () => stop.current(), []);
  const start = async () => {
    if (opening.current) return;
    opening.current = true;
    setTrouble(null);
    let stream: MediaStream;
    try {
      stream = await openMicrophone();
    } catch {
      return setTrouble("microphone");
    } finally {
      opening.current = false;
    }
    const parts: Blob[] = [];
    const recorder = new MediaRecorder(stream);
    const quiet = listen(stream, setLevel);
    const late = setTimeout(() => stop.current(), longestMs);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      asWav(new Blob(parts, { type: recorder.mimeType }))
        .then(({ file }) => onFile(file))
        .catch(() => setTrouble("sound"));
    };
    stop.current = () => {
      stop.current = () => undefined;
      clearTimeout(late);
      if (recorder.state !== "inactive") recorder.stop();
      quiet();
      setSince(null);
    };
    // The clock shows what is recorded, not what was pressed: a microphone takes its time.
    recorder.onstart = () => setSince(Date.now());
    recorder.start(250);
  };
  return { since, level, trouble, start, stop: () => stop.current() };
}
