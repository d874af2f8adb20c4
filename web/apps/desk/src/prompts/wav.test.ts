import { expect, it } from "vitest";
import { wav } from "./wav.ts";

it("writes a WAV file of one channel and 16 bits", () => {
  const file = new DataView(wav(new Float32Array([0, 1, -1, 2]), 16_000));
  const word = (at: number) => String.fromCharCode(...new Uint8Array(file.buffer, at, 4));
  expect([word(0), word(8), word(12), word(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect(file.getUint32(4, true)).toBe(file.byteLength - 8);
  expect([file.getUint16(22, true), file.getUint32(24, true), file.getUint16(34, true)]).toEqual([1, 16_000, 16]);
  expect([44, 46, 48, 50].map((at) => file.getInt16(at, true))).toEqual([0, 32_767, -32_767, 32_767]);
});
