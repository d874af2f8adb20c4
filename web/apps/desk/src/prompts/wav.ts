/** Sound as the server takes it: a WAV file, one channel, 16 bits. Pure, but for the browser's decoder. */
export const RATE = 16_000;

/** Samples in [-1, 1] as a WAV file. Source: Microsoft's RIFF WAVE (1991). */
export function wav(samples: Float32Array, rate: number): ArrayBuffer {
  const out = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at: number, text: string) => [...text].forEach((sign, i) => out.setUint8(at + i, sign.charCodeAt(0)));
  word(0, "RIFF");
  out.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  out.setUint32(16, 16, true);
  out.setUint16(20, 1, true);
  out.setUint16(22, 1, true);
  out.setUint32(24, rate, true);
  out.setUint32(28, rate * 2, true);
  out.setUint16(32, 2, true);
  out.setUint16(34, 16, true);
  word(36, "data");
  out.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => out.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true));
  return out.buffer;
}

/** What the browser's recorder made, as a WAV file. Rejects with what the browser says of sound it cannot read. */
export async function asWav(recorded: Blob): Promise<{ file: File; seconds: number }> {
  const context = new AudioContext();
  const heard = await context.decodeAudioData(await recorded.arrayBuffer());
  void context.close();
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(heard.duration * RATE)), RATE);
  const source = new AudioBufferSourceNode(offline, { buffer: heard });
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  return { file: new File([wav(samples, RATE)], "prompt.wav", { type: "audio/wav" }), seconds: heard.duration };
}
