/** Calls as the desk reads them: the shapes of the voice routes of /api/v1 and of the socket's `call` objects. */
import type { components } from "./api.d.ts";

type Api = components["schemas"];

export type CallState = Call["state"];
export type SuperviseMode = Api["Supervise"]["mode"];
export type Quality = Api["Quality"];
export type Call = Api["Call"];
export type IceServer = Api["IceServer"];
/** Exactly one of the three. */
export type CallTarget = Partial<Api["CallTo"]>;
export type Recording = Api["Recording"];
/** The loudest sample of each stretch, 0 to 100, by channel: customer, then agent. */
export type Peaks = Api["Peaks"];
export type VoiceStatus = Api["VoiceStatus"];
export type ContactAddresses = Api["ContactAddresses"];
export type ContactAddress = ContactAddresses["addresses"][number];

/** Somebody on the line. */
export type Party = Call["parties"][number];
