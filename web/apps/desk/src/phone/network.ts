/** The network as a call would meet it: how long the server takes to answer, and whether a relay is there. */
import { get } from "@parlons/client/http.ts";
import type { IceServer } from "@parlons/client/voice.ts";
import { plainServers } from "./peer.ts";

export interface Found {
  rttMs: number;
  /** null: no relay is configured. */
  relay: boolean | null;
}

const PROBES = 5;
const RELAY_MS = 3000;

/** Whether a TURN server gives us an address. */
async function relayAnswers(servers: IceServer[]): Promise<boolean | null> {
  const turns = plainServers(servers.filter((each) => each.urls.some((url) => url.startsWith("turn"))));
  if (turns.length === 0) return null;
  const connection = new RTCPeerConnection({ iceServers: turns, iceTransportPolicy: "relay" });
  try {
    connection.createDataChannel("try");
    const found = new Promise<boolean>((done) => {
      setTimeout(() => done(false), RELAY_MS);
      connection.onicecandidate = (event) => {
        if (event.candidate?.type === "relay") done(true);
        else if (!event.candidate) done(false);
      };
    });
    await connection.setLocalDescription(await connection.createOffer());
    return await found;
  } finally {
    connection.close();
  }
}

/** The middle of five round trips to the server's voice, in ms. */
export async function testNetwork(): Promise<Found> {
  const { ice_servers } = await get<{ ice_servers: IceServer[] }>("/voice/phone/ice");
  const trips: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    const began = performance.now();
    await get("/voice/phone/ice");
    trips.push(performance.now() - began);
  }
  trips.sort((a, b) => a - b);
  return { rttMs: Math.round(trips[PROBES >> 1]!), relay: await relayAnswers(ice_servers).catch(() => false) };
}

export type NetworkGrade = "networkGood" | "networkFair" | "networkPoor";

export const networkGrade = (rttMs: number): NetworkGrade =>
  rttMs < 150 ? "networkGood" : rttMs < 350 ? "networkFair" : "networkPoor";
