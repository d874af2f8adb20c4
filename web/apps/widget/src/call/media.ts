/** The page's side of the sound: microphone out, loudspeaker in, one connection; a broken path is mended by a new offer. */
const GATHER_MS = 1500;
const MEND_AFTER_MS = 3000;

export type Why = "refused" | "none" | "insecure";

/** Opens the microphone; throws a `Why`. */
export async function microphone(): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw "insecure" satisfies Why;
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    throw ((error as Error).name === "NotFoundError" ? "none" : "refused") satisfies Why;
  }
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((done) => {
    const look = () => connection.iceGatheringState === "complete" && done();
    connection.addEventListener("icegatheringstatechange", look);
    setTimeout(done, GATHER_MS);
    look();
  });
}

/** G.711 first: the server mixes it as it is. */
function preferPlainCodec(connection: RTCPeerConnection): void {
  const codecs = RTCRtpReceiver.getCapabilities?.("audio")?.codecs;
  const transceiver = connection.getTransceivers()[0];
  if (!codecs || !transceiver?.setCodecPreferences) return;
  const rank = (mime: string): number => (mime === "audio/PCMU" ? 0 : 1);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a.mimeType) - rank(b.mimeType)));
}

export interface Told {
  up: () => void;
  /** Broken; after a while it is offered anew. */
  down: () => void;
  silent: (silent: boolean) => void;
}

export class Media {
  readonly #speaker = new Audio();
  #connection: RTCPeerConnection;
  #mend: ReturnType<typeof setTimeout> | undefined;
  #exchange: ((offer: string) => Promise<string>) | null = null;
  readonly #stream: MediaStream;

  constructor(stream: MediaStream, servers: RTCIceServer[], told: Told) {
    this.#stream = stream;
    this.#connection = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
    const connection = this.#connection;
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
    preferPlainCodec(connection);
    connection.ontrack = (event) => {
      this.#speaker.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      this.play().then(told.silent);
    };
    connection.onconnectionstatechange = () => {
      clearTimeout(this.#mend);
      const { connectionState: state } = connection;
      if (state === "connected") return told.up();
      if (state !== "disconnected" && state !== "failed") return;
      told.down();
      this.#mend = setTimeout(() => void this.#renew(), state === "failed" ? 0 : MEND_AFTER_MS);
    };
  }

  /** Whether the browser keeps the sound back. */
  play(): Promise<boolean> {
    return this.#speaker.play().then(
      () => false,
      () => true,
    );
  }

  /** Offers, and takes the answer. `exchange` is kept for mending. */
  async connect(first: (offer: string) => Promise<string>, again: (offer: string) => Promise<string>): Promise<void> {
    this.#exchange = again;
    await this.#offer(first, false);
  }

  async #offer(exchange: (offer: string) => Promise<string>, iceRestart: boolean): Promise<void> {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    await gathered(connection);
    const sdp = await exchange(connection.localDescription!.sdp);
    if (connection.signalingState !== "closed") await connection.setRemoteDescription({ type: "answer", sdp });
  }

  async #renew(): Promise<void> {
    if (!this.#exchange || this.#connection.signalingState === "closed") return;
    try {
      await this.#offer(this.#exchange, true);
    } catch {
      this.#mend = setTimeout(() => void this.#renew(), MEND_AFTER_MS);
    }
  }

  mute(muted: boolean): void {
    for (const track of this.#stream.getAudioTracks()) track.enabled = !muted;
  }

  close(): void {
    clearTimeout(this.#mend);
    for (const track of this.#stream.getTracks()) track.stop();
    this.#connection.close();
    this.#speaker.srcObject = null;
  }
}
