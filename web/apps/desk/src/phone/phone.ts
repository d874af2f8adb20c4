/**
 * This tab's phone: takes the lock, keeps the leg warm, opens the microphone for the length of a call and no longer, plays
 * what is heard, tells how it sounds. What a call is and does stands in the live picture; this only follows it.
 */
import { get, post, remove } from "@parlons/client/http.ts";
import type { IceServer } from "@parlons/client/voice.ts";
import { useLive } from "@parlons/sync/store.ts";
import i18next from "i18next";
import { cause, myWorkerId } from "../data/actions.ts";
import { announce } from "../data/ui.ts";
import { isHere, myCall, supervised } from "./calls.ts";
import { isSecure, openMicrophone, refusalOf, sendTo, useDevices, watchDevices } from "./devices.ts";
import { type Hold, hold } from "./lock.ts";
import { Peer } from "./peer.ts";
import { between, type Counters, counters } from "./quality.ts";
import { NO_PHONE, usePhone } from "./state.ts";

const STATS_MS = 5000;
/** A lock that nobody holds comes sooner: after this, another tab has the phone. */
const PATIENCE_MS = 500;
const set = usePhone.setState;

let wanted = false;
let lock: Hold | null = null;
let peer: Peer | null = null;
let speaker: HTMLAudioElement | null = null;
let track: MediaStreamTrack | null = null;
let opening = false;
let waiting: ReturnType<typeof setTimeout> | undefined;
let last: Counters | null = null;
let stops: (() => void)[] = [];

/** Switches the phone on; again changes nothing. `steal` takes it from the tab that has it. */
export function start(steal = false): void {
  if (wanted && !steal && usePhone.getState().state !== "down") return;
  stop(false);
  wanted = true;
  if (!isSecure()) return set({ state: "insecure" });
  set({ state: "starting" });
  waiting = setTimeout(() => set({ state: "elsewhere" }), PATIENCE_MS);
  lock = hold(
    () => void open(),
    () => {
      closePeer();
      set({ state: "elsewhere" });
      lock = hold(
        () => void open(),
        () => undefined,
      );
    },
    steal,
  );
}

/** Switches it off; `tell`: the server lets the leg go at once instead of after its silence. */
export function stop(tell = true): void {
  if (tell && peer?.legId) void remove("/voice/phone").catch(() => undefined);
  wanted = false;
  clearTimeout(waiting);
  closePeer();
  lock?.release();
  lock = null;
  set(NO_PHONE);
}

export const takeOver = (): void => start(true);

async function open(): Promise<void> {
  clearTimeout(waiting);
  if (!wanted) return;
  set({ state: "starting", error: null });
  speaker ??= new Audio();
  speaker.autoplay = true;
  void sendTo(speaker, "voice");
  const own = new Peer({
    iceServers: async () => (await get<{ ice_servers: IceServer[] }>("/voice/phone/ice")).ice_servers,
    exchange: (offer_sdp) => post("/voice/phone", { offer_sdp }),
    connected: () => set({ state: "ready", legId: own.legId }),
    broken: () => set({ state: "reconnecting" }),
    failed,
    sound: (stream) => void play(stream),
  });
  peer = own;
  follow();
  try {
    await own.open();
    set({ legId: own.legId });
  } catch (error) {
    if (peer === own) failed(error);
  }
}

function failed(error: unknown): void {
  closePeer();
  set({ state: "down", error: cause(error), legId: null });
}

function closePeer(): void {
  for (const each of stops) each();
  stops = [];
  hush();
  peer?.close();
  peer = null;
}

async function play(stream: MediaStream): Promise<void> {
  if (!speaker) return;
  speaker.srcObject = stream;
  try {
    await speaker.play();
    set({ silent: false });
  } catch {
    set({ silent: true });
  }
}

/** After a press: browsers let sound out then. */
export const hear = (): void => void (speaker?.srcObject && play(speaker.srcObject as MediaStream));

/** Follows the live picture, the devices and the clock while there is a leg. */
function follow(): void {
  let voice = useDevices.getState().wishes;
  const timer = setInterval(() => void measure(), STATS_MS);
  stops.push(
    useLive.subscribe(attend),
    usePhone.subscribe((now, before) => now.legId !== before.legId && attend()),
    useDevices.subscribe(({ wishes }) => {
      if (wishes === voice) return;
      if (wishes.voice !== voice.voice && speaker) void sendTo(speaker, "voice");
      if (wishes.microphone !== voice.microphone && track) void reopen();
      voice = wishes;
    }),
    watchDevices(() => {
      if (speaker) void sendTo(speaker, "voice");
    }),
    () => clearInterval(timer),
  );
  addEventListener("beforeunload", warn);
  stops.push(() => removeEventListener("beforeunload", warn));
  attend();
}

/** Whether my voice is part of a call: I hold it here, or I whisper or talk in it. Who only listens is not heard. */
function talks(): boolean {
  const { snapshot } = useLive.getState();
  const { legId } = usePhone.getState();
  if (isHere(myCall(snapshot, myWorkerId()), legId)) return true;
  const watching = supervised(snapshot, legId, null);
  return watching !== null && watching[1].mode !== "listen";
}

function warn(event: BeforeUnloadEvent): void {
  if (talks()) event.preventDefault();
}

function attend(): void {
  if (talks()) {
    if (!track && !opening) void speak();
  } else hush();
}

async function speak(): Promise<void> {
  opening = true;
  try {
    const stream = await openMicrophone();
    const fresh = stream.getAudioTracks()[0]!;
    if (!peer || !talks()) return fresh.stop();
    track = fresh;
    track.enabled = !usePhone.getState().muted;
    track.onended = () => void reopen();
    last = null;
    await peer.speak(track);
    set({ microphone: "allowed" });
  } catch (error) {
    set({ microphone: refusalOf(error) });
    announce(i18next.t("call.noMicrophone"), true);
  } finally {
    opening = false;
  }
}

/** The headset was pulled out or another was chosen: the same call goes on with what there is. */
export async function reopen(): Promise<void> {
  track?.stop();
  track = null;
  if (talks()) await speak();
}

function hush(): void {
  if (!track) {
    if (usePhone.getState().muted) set({ muted: false });
    return;
  }
  track.onended = null;
  track.stop();
  track = null;
  void peer?.speak(null);
  set({ muted: false, quality: null });
}

export function mute(muted: boolean): void {
  if (track) track.enabled = !muted;
  set({ muted });
  announce(i18next.t(muted ? "call.mutedNow" : "call.unmutedNow"));
}

async function measure(): Promise<void> {
  const leg_id = usePhone.getState().legId;
  if (!peer || !leg_id || !track) return;
  const report = await peer.stats();
  if (!report) return;
  const now = counters(report.values());
  if (last) {
    const quality = between(last, now);
    set({ quality });
    const { lost_percent: loss, jitter_ms: jitter, rtt_ms: rtt, mos } = quality;
    void post("/voice/quality", { leg_id, loss, jitter, rtt, mos }).catch(() => undefined);
  }
  last = now;
}
