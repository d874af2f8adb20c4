/**
 * The picture between two browsers, without sound: that stays with the server, which mixes and records it.
 * The page offers, the desk answers, whoever asked; so two who ask at once do not collide. Used by both.
 */
import type { Candidate, Server, Signal } from "./signal.ts";

export type CameraWhy = "refused" | "none" | "taken" | "insecure";

/** Opens the camera, small enough for a weak line; throws a `CameraWhy`. */
export async function openCamera(): Promise<MediaStream> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw "insecure" satisfies CameraWhy;
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } },
    });
  } catch (error) {
    const { name } = error as Error;
    const missing = name === "NotFoundError" || name === "OverconstrainedError";
    throw (missing ? "none" : name === "NotReadableError" ? "taken" : "refused") satisfies CameraWhy;
  }
}

const TOGETHER_MS = 100;
const AT_ONCE = 20;
const KBIT = 800;

export interface Seen {
  /** What the other side shows. */
  far: (stream: MediaStream) => void;
  state: (state: RTCPeerConnectionState) => void;
}

export class Picture {
  readonly connection: RTCPeerConnection;
  #waiting: Candidate[] = [];
  #found: Candidate[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sender: RTCRtpSender | null = null;

  constructor(
    readonly session: string,
    servers: RTCIceServer[],
    readonly say: (signal: Signal) => void,
    seen: Seen,
  ) {
    const connection = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
    this.connection = connection;
    connection.ontrack = ({ track }) => seen.far(new MediaStream([track]));
    connection.onconnectionstatechange = () => seen.state(connection.connectionState);
    connection.onicecandidate = ({ candidate }) => candidate && this.#find(candidate);
  }

  /** The page's part. */
  async offer(camera: MediaStream | null): Promise<void> {
    const { connection, session } = this;
    const track = camera?.getVideoTracks()[0];
    this.#sender = connection.addTransceiver(track ?? "video", { direction: "sendrecv" }).sender;
    await this.#limit();
    await connection.setLocalDescription(await connection.createOffer());
    this.say({ kind: "offer", session, sdp: connection.localDescription!.sdp });
  }

  /** The desk's part. */
  async answer(sdp: string, camera: MediaStream | null): Promise<void> {
    const { connection, session } = this;
    await connection.setRemoteDescription({ type: "offer", sdp });
    const transceiver = connection.getTransceivers()[0]!;
    transceiver.direction = "sendrecv";
    this.#sender = transceiver.sender;
    await this.#sender.replaceTrack(camera?.getVideoTracks()[0] ?? null);
    await connection.setLocalDescription(await connection.createAnswer());
    await this.#limit();
    this.say({ kind: "answer", session, sdp: connection.localDescription!.sdp });
    await this.#catchUp();
  }

  async answered(sdp: string): Promise<void> {
    if (this.connection.signalingState !== "have-local-offer") return;
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    await this.#catchUp();
  }

  async candidates(found: Candidate[]): Promise<void> {
    if (!this.connection.remoteDescription) {
      this.#waiting.push(...found);
      return;
    }
    for (const { candidate, sdp_mid, sdp_m_line_index } of found)
      await this.connection
        .addIceCandidate({ candidate, sdpMid: sdp_mid ?? null, sdpMLineIndex: sdp_m_line_index ?? null })
        .catch(() => undefined);
  }

  /** Another camera, or none: nothing is negotiated anew. */
  async show(camera: MediaStream | null): Promise<void> {
    await this.#sender?.replaceTrack(camera?.getVideoTracks()[0] ?? null);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.connection.close();
  }

  async #catchUp(): Promise<void> {
    await this.candidates(this.#waiting.splice(0));
  }

  /** Sound goes first: the picture leaves it room. */
  async #limit(): Promise<void> {
    const sender = this.#sender;
    const parameters = sender?.getParameters();
    if (!sender || !parameters?.encodings?.length) return;
    parameters.encodings[0]!.maxBitrate = KBIT * 1000;
    await sender.setParameters(parameters).catch(() => undefined);
  }

  #find({ candidate, sdpMid, sdpMLineIndex }: RTCIceCandidate): void {
    if (!candidate) return;
    this.#found.push({ candidate, sdp_mid: sdpMid, sdp_m_line_index: sdpMLineIndex });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      while (this.#found.length)
        this.say({ kind: "candidates", session: this.session, candidates: this.#found.splice(0, AT_ONCE) });
    }, TOGETHER_MS);
  }
}

/** What a browser takes as servers. */
export const serversOf = (found: readonly Server[]): RTCIceServer[] =>
  found.map(({ urls, username, credential }) => ({
    urls,
    ...(username ? { username } : {}),
    ...(credential ? { credential } : {}),
  }));
