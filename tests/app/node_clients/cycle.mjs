// Both official clients for JavaScript, unmodified, in one process: `node cycle.mjs BASE KEYS_AS_JSON`; prints what they asked.
import { createRequire } from "node:module";

import { Pointed, seen } from "./seen.mjs";
import { routing } from "./routing.mjs";
import { working } from "./worker.mjs";

const [base, given] = process.argv.slice(2);
const keys = JSON.parse(given);
const twilio = createRequire(import.meta.url)("twilio");
const client = twilio(keys.account_sid, keys.auth_token, { httpClient: new Pointed(base) });

const place = await routing(client);
await working(base, keys, place);
await place.remove();
console.log(JSON.stringify(seen));
process.exit(0);
