// What the clients asked, for the page of compatibility: method and path.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const axios = require("axios");
const RequestClient = require("twilio/lib/base/RequestClient");

export const seen = { twilio: [], "twilio-taskrouter": [] };

/** The REST client's public option: sends `https://<product>.<their host>/...` to `<base>/_<product>/...`. */
export class Pointed extends RequestClient {
  constructor(base) {
    super({ timeout: 60_000 });
    this.base = base;
  }

  async request(options) {
    const url = new URL(options.uri);
    const theirs = url.hostname.endsWith(".twilio.com");
    const product = url.hostname.split(".")[0];
    const uri = theirs ? `${this.base}/_${product}${url.pathname}${url.search}` : options.uri;
    const answer = await super.request({ ...options, uri });
    const path = new URL(uri).pathname.replace(/^\/_\w+/, "");
    if (answer.statusCode < 300) seen.twilio.push([options.method.toUpperCase(), path]);
    return answer;
  }
}

// The browser SDK's own HTTP client is made of these defaults; its commands are the only bodies with an address in them.
axios.defaults.transformRequest.push((body) => {
  const { method, url } = typeof body === "string" && body.startsWith("{") ? JSON.parse(body) : {};
  if (url) seen["twilio-taskrouter"].push([method, `/v1/${url.replace("/WorkerChannels", "/Channels")}`]);
  return body;
});
