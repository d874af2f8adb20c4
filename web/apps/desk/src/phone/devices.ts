/**
 * Microphone and outputs. The choice is remembered on this device by id and by name: browsers change ids when site data is
 * cleared, and a headset that comes back under another id is still the same headset.
 */
import { create } from "zustand";

export type Role = "microphone" | "voice" | "ring";

export interface Wish {
  id: string;
  label: string;
}

export interface Device {
  id: string;
  label: string;
  kind: "audioinput" | "audiooutput";
}

interface Devices {
  /** Names are there only after the microphone was allowed. */
  list: Device[];
  wishes: Partial<Record<Role, Wish>>;
  /** Ring loudness, 0 to 1. */
  volume: number;
}

const KEPT = "parlons.devices";

function kept(): Pick<Devices, "wishes" | "volume"> {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Devices>;
    return { wishes: found.wishes ?? {}, volume: found.volume ?? 0.6 };
  } catch {
    return { wishes: {}, volume: 0.6 };
  }
}

export const useDevices = create<Devices>(() => ({ list: [], ...kept() }));

function keep(change: Partial<Devices>): void {
  useDevices.setState(change);
  const { wishes, volume } = useDevices.getState();
  try {
    localStorage.setItem(KEPT, JSON.stringify({ wishes, volume }));
  } catch {
    // a private window may refuse: the choice then lives as long as the page
  }
}

export const setVolume = (volume: number): void => keep({ volume });

/** Remembers a device; null goes back to what the system uses. */
export function wish(role: Role, device: Device | null): void {
  const { [role]: _, ...rest } = useDevices.getState().wishes;
  keep({ wishes: device ? { ...rest, [role]: { id: device.id, label: device.label } } : rest });
}

/** The wished device among those there are: by id, else by name; null means the system's own choice. Pure. */
export function choose(list: Device[], wanted: Wish | undefined, kind: Device["kind"]): Device | null {
  if (!wanted) return null;
  const fit = list.filter((each) => each.kind === kind);
  return (
    fit.find((each) => each.id === wanted.id) ??
    fit.find((each) => wanted.label !== "" && each.label === wanted.label) ??
    null
  );
}

export const kindOf = (role: Role): Device["kind"] => (role === "microphone" ? "audioinput" : "audiooutput");

export function chosen(role: Role): Device | null {
  const { list, wishes } = useDevices.getState();
  return choose(list, wishes[role], kindOf(role));
}

/** Whether this page may use a microphone at all: https, or the machine itself. */
export const isSecure = (): boolean => window.isSecureContext && navigator.mediaDevices !== undefined;

export const canChooseOutput = (): boolean => "setSinkId" in HTMLMediaElement.prototype;

export async function refresh(): Promise<void> {
  if (!isSecure()) return;
  const found = await navigator.mediaDevices.enumerateDevices();
  const list = found
    .filter((each) => each.kind !== "videoinput" && each.deviceId !== "" && each.deviceId !== "default")
    .map((each) => ({ id: each.deviceId, label: each.label, kind: each.kind as Device["kind"] }));
  useDevices.setState({ list });
}

/** Keeps the list fresh while somebody looks at it or talks; gives back how to stop. */
export function watchDevices(changed?: () => void): () => void {
  if (!isSecure()) return () => undefined;
  const look = () => void refresh().then(changed);
  navigator.mediaDevices.addEventListener("devicechange", look);
  void refresh();
  return () => navigator.mediaDevices.removeEventListener("devicechange", look);
}

/** Opens the chosen microphone, or the system's when the chosen one is gone. */
export async function openMicrophone(): Promise<MediaStream> {
  await refresh();
  const device = chosen("microphone");
  const clean = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const audio = device ? { ...clean, deviceId: { exact: device.id } } : clean;
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    if (device && (error as Error).name === "OverconstrainedError")
      return navigator.mediaDevices.getUserMedia({ audio: clean });
    throw error;
  }
}

export type MicrophoneState = "insecure" | "unasked" | "allowed" | "refused" | "none";

/** What is known of the permission without asking for it. */
export async function permission(): Promise<MicrophoneState> {
  if (!isSecure()) return "insecure";
  try {
    const { state } = await navigator.permissions.query({ name: "microphone" as PermissionName });
    return state === "granted" ? "allowed" : state === "denied" ? "refused" : "unasked";
  } catch {
    return "unasked";
  }
}

/** Why a microphone did not open. */
export function refusalOf(error: unknown): MicrophoneState {
  return (error as Error).name === "NotFoundError" ? "none" : "refused";
}

/** Sends an element's or a context's sound to a chosen output; where the browser cannot, nothing happens. */
export async function sendTo(target: HTMLMediaElement | AudioContext, role: "voice" | "ring"): Promise<void> {
  const settable = target as { setSinkId?: (id: string) => Promise<void> };
  await settable.setSinkId?.(chosen(role)?.id ?? "").catch(() => undefined);
}
