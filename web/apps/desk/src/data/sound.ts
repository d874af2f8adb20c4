/** The knock of a new contact, made in code: a few soft notes, at most once in three seconds. */
import type { Sound } from "./quiet.ts";
import { play } from "./tones.ts";

let context: AudioContext | undefined;
let last = 0;

/** Browsers allow sound only after an act of the person: the first key or click opens it. */
export function unlockSound(): void {
  const open = () => {
    if (navigator.userActivation && !navigator.userActivation.isActive) return;
    context ??= new AudioContext();
    void context.resume();
    for (const event of ["pointerdown", "keyup"]) removeEventListener(event, open);
  };
  for (const event of ["pointerdown", "keyup"]) addEventListener(event, open);
}

/** Each sound as frequencies and when they begin, in seconds. */
const NOTES: Record<Exclude<Sound, "off">, [number, number][]> = {
  knock: [[587, 0], [784, 0.16]],
  bell: [[1047, 0], [1319, 0.02], [1568, 0.04]],
  drop: [[880, 0], [659, 0.12], [494, 0.24]],
};

function sing(sound: Sound, loud: number): void {
  if (sound === "off" || context?.state !== "running") return;
  const own = context;
  for (const [frequency, after] of NOTES[sound])
    play(own, { at: own.currentTime + after, frequency, loud, seconds: 0.5 });
}

/** `softly`: somebody is on the phone. */
export function knock(softly = false, sound: Sound = "knock"): void {
  if (context?.state !== "running" || Date.now() - last < 3000) return;
  last = Date.now();
  sing(sound, softly ? 0.03 : 0.18);
}

/** For trying it. */
export const trySound = (sound: Sound): void => sing(sound, 0.18);
