import { beforeAll, expect, it, vi } from "vitest";
import type { Device } from "./devices.ts";

let choose: typeof import("./devices.ts").choose;

beforeAll(async () => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  ({ choose } = await import("./devices.ts"));
});

const HEADSET: Device = { id: "1", label: "Headset", kind: "audioinput" };
const WEBCAM: Device = { id: "2", label: "Webcam", kind: "audioinput" };
const SPEAKER: Device = { id: "1", label: "Headset", kind: "audiooutput" };

it("finds the wished device by id, else by its name, else leaves it to the system", () => {
  expect(choose([WEBCAM, HEADSET], { id: "1", label: "Headset" }, "audioinput")).toBe(HEADSET);
  expect(choose([WEBCAM, { ...HEADSET, id: "9" }], { id: "1", label: "Headset" }, "audioinput")?.id).toBe("9");
  expect(choose([WEBCAM], { id: "1", label: "Headset" }, "audioinput")).toBeNull();
  expect(choose([WEBCAM], undefined, "audioinput")).toBeNull();
});

it("does not take an output for a microphone, nor a nameless device for the wished one", () => {
  expect(choose([SPEAKER], { id: "1", label: "Headset" }, "audioinput")).toBeNull();
  expect(choose([{ ...WEBCAM, label: "" }], { id: "1", label: "" }, "audioinput")).toBeNull();
});
