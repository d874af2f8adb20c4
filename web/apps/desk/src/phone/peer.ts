/**
 * The browser's leg: one RTCPeerConnection that stays connected while the shift is on. Sound out is attached by replaceTrack
 * for the length of a call only; nothing is negotiated anew for it. Signalling is one HTTP exchange: our offer with all its
 * candidates, the server's answer with all of its (JSEP, RFC 8829; no trickling).
 */
import type { IceServer } from "@parlons/client/voice.ts";

export interface Signals {
  iceServers: () => Promise<IceServer[]>;
  /** The answer to our offer, for the same leg each time. */
  exchange: (offer: string) => Promise<{ answer_sdp: string; leg_id: string }>;
  connected: () => void;
  /** The path is broken; it is being mended. */
  broken: () => void;
  /** It could not be mended. */
  failed: (error: unknown) => void;
  sound: (stream: MediaStream) => void;
}

/** As the browser takes them: absent where the server says null. */
export const plainServers = (servers: IceServer[]): RTCIceServer[] =>
  servers.map(({ urls, username, credential }) => ({
    urls,
    ...(username ? { username } : {}),
    ...(credential ? { credential } : {}),
  }));

const GATHER_MS = 1500;
const MEND_AFTER_MS = 3000;
const TRIES = 5;

/** All candidates, or those found in time: a TURN server that is silent must not hold up a call. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(late);
      connection.removeEventListener("icegatheringstatechange", look);
      done();
    };
    const look = () => connection.iceGatheringState === "complete" && finish();
    const late = setTimeout(finish, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", look);
  });
}

/** G.711 first: the server mixes it without transcoding, which lets it carry four times as many browsers. */
function preferPlainCodec(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities?.("audio")?.codecs;
  if (!codecs || !("setCodecPreferences" in transceiver)) return;
  const rank = (mime: string): number => (mime === "audio/PCMU" ? 0 : mime === "audio/PCMA" ? 1 : 2);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a.mimeType) - rank(b.mimeType)));
}

export class Peer {
  legId: string | null = null;
  private connection: RTCPeerConnection | null = null;
  private sender: RTCRtpSender | null = null;
  private track: MediaStreamTrack | null = null;
  private mend: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private readonly signals: Signals;

  constructor(signals: Signals) {
    this.signals = signals;
  }

  async open(): Promise<void> {
    const iceServers = plainServers(await this.signals.iceServers().catch(() => []));
    const connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.connection = connection;
    const transceiver = connection.addTransceiver("audio", { direction: "sendrecv" });
    preferPlainCodec(transceiver);
    this.sender = transceiver.sender;
    if (this.track) await this.sender.replaceTrack(this.track);
    connection.ontrack = (event) => this.signals.sound(event.streams[0] ?? new MediaStream([event.track]));
    connection.onconnectionstatechange = () => this.changed(connection);
    await this.negotiate(connection, false);
  }

  /** Speaks with this track, or is silent (null); nothing is renegotiated. */
  async speak(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    await this.sender?.replaceTrack(track);
  }

  stats = async (): Promise<RTCStatsReport | null> => (await this.connection?.getStats()) ?? null;

  close(): void {
    clearTimeout(this.mend);
    const gone = this.connection;
    this.connection = null;
    gone?.close();
  }

  private async negotiate(connection: RTCPeerConnection, iceRestart: boolean): Promise<void> {
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    await gathered(connection);
    if (this.connection !== connection) return;
    const { answer_sdp, leg_id } = await this.signals.exchange(connection.localDescription!.sdp);
    if (this.connection !== connection) return;
    this.legId = leg_id;
    await connection.setRemoteDescription({ type: "answer", sdp: answer_sdp });
  }

  private changed(connection: RTCPeerConnection): void {
    if (this.connection !== connection) return;
    clearTimeout(this.mend);
    switch (connection.connectionState) {
      case "connected":
        this.tries = 0;
        this.signals.connected();
        return;
      case "disconnected":
        this.signals.broken();
        this.mend = setTimeout(() => void this.restart(connection), MEND_AFTER_MS);
        return;
      case "failed":
        this.signals.broken();
        void this.restart(connection);
    }
  }

  /** A new path for the same leg; when even that fails, a new connection for it. */
  private async restart(connection: RTCPeerConnection): Promise<void> {
    if (this.connection !== connection) return;
    this.tries += 1;
    if (this.tries > TRIES) return this.signals.failed(new Error("ice"));
    try {
      if (this.tries === 1 && connection.signalingState === "stable") {
        await this.negotiate(connection, true);
        // The old path may have come back meanwhile: then no change of state says so any more.
        if (connection.connectionState === "connected") this.changed(connection);
      } else {
        this.close();
        await this.open();
      }
    } catch (error) {
      const next = this.connection;
      if (next) this.mend = setTimeout(() => void this.restart(next), MEND_AFTER_MS);
      else this.signals.failed(error);
    }
  }
}
