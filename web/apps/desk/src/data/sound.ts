/** The knock of a new contact, made in code: two soft notes, at most one every three seconds. */
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

function note(at: number, frequency: number, loud: number): void {
  if (!context) return;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(loud, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.45);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.5);
}

/** `softly`: somebody is on the phone. */
export function knock(softly = false): void {
  if (context?.state !== "running" || Date.now() - last < 3000) return;
  last = Date.now();
  const loud = softly ? 0.03 : 0.18;
  note(context.currentTime, 587, loud);
  note(context.currentTime + 0.16, 784, loud);
}
