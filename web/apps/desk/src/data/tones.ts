/** One note made in code, no file: swells in 20 ms and dies away. The knock of a contact and the ring of a call are made of these. */
export interface Note {
  at: number;
  frequency: number;
  /** 0 to 1. */
  loud: number;
  seconds: number;
  shape?: OscillatorType;
}

export function play(context: AudioContext, { at, frequency, loud, seconds, shape = "sine" }: Note): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = shape;
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(loud, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds * 0.9);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
