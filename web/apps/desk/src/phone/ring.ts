/** The ring of a call, made in code: two warm notes, twice, a pause; on the output chosen for ringing. */
import { play } from "../data/tones.ts";
import { sendTo, useDevices } from "./devices.ts";

const EVERY_MS = 3200;
const RESUME_MS = 500;
let context: AudioContext | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

function burst(at: number, out: AudioContext, loud: number): void {
  for (const [step, frequency] of [523, 659, 523, 659].entries())
    play(out, { at: at + step * 0.22, frequency, loud, seconds: 0.22, shape: "triangle" });
}

async function open(): Promise<AudioContext> {
  context ??= new AudioContext();
  await sendTo(context, "ring");
  // Changing the output stops the sound for a moment; before the first act on the page `resume` never answers.
  if (context.state !== "running")
    await Promise.race([context.resume(), new Promise((done) => setTimeout(done, RESUME_MS))]);
  return context;
}

/** Rings until `stopRing`. Says whether it can be heard: browsers keep silent before the first act on the page. */
export async function startRing(): Promise<boolean> {
  stopRing();
  const { volume } = useDevices.getState();
  timer = setInterval(() => context && burst(context.currentTime, context, volume * 0.5), EVERY_MS);
  const own = timer;
  const out = await open();
  if (timer === own) burst(out.currentTime + 0.05, out, volume * 0.5);
  return out.state === "running";
}

export function stopRing(): void {
  clearInterval(timer);
  timer = undefined;
}

/** Once, for trying it. */
export async function tryRing(): Promise<boolean> {
  const out = await open();
  burst(out.currentTime + 0.05, out, useDevices.getState().volume * 0.5);
  return out.state === "running";
}
