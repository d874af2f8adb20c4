// The browser SDK at work: ready, activity, reservations, completion, a dropped socket, another token.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import net from "node:net";

const require = createRequire(import.meta.url);
const { Supervisor, Worker, Workspace } = require("twilio-taskrouter");
const { AccessToken } = require("twilio").jwt;

/** What lies between a browser and the server: it can drop what is open, and hears which token came. */
async function wire(base) {
  const { hostname, port } = new URL(base);
  const open = new Set();
  const tokens = [];
  const server = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    open.add(near);
    near.once("data", (first) => tokens.push(/token=([^&]+)/.exec(String(first))?.[1]));
    for (const [one, other] of [[near, far], [far, near]]) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    near.on("close", () => open.delete(near));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `ws://127.0.0.1:${server.address().port}/_event-bridge/v1/wschannels`;
  return { address, tokens, drop: () => open.forEach((one) => one.destroy()), close: () => server.close() };
}

function token(keys, workspaceSid, workerSid, ttl, role = "worker") {
  const made = new AccessToken(keys.account_sid, keys.key_sid, keys.key_secret, { identity: "dee", ttl });
  made.addGrant(new AccessToken.TaskRouterGrant({ workspaceSid, workerSid, role }));
  return made.toJwt();
}

/** The next event of this name. Not `once` of node: that one fails when an error is told of meanwhile. */
const next = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));

async function offered(worker, place, attributes = {}) {
  const offer = next(worker, "reservationCreated");
  const line = (await place.taskQueues.list({ friendlyName: "Dee" }))[0];
  const task = await place.tasks.create({ attributes: JSON.stringify(attributes), taskQueueSid: line.sid, timeout: 600 });
  const found = await offer;
  assert.deepEqual([found.task.sid, found.task.attributes, found.status], [task.sid, attributes, "pending"]);
  return found;
}

async function work(worker, place) {
  const first = await offered(worker, place, { about: "a first one" });
  const again = next(worker, "reservationCreated");
  const refused = next(first, "rejected");
  await first.reject();
  assert.equal((await refused).status, "rejected");
  const second = await again;
  assert.equal(second.task.sid, first.task.sid);
  const accepted = next(second, "accepted");
  await second.accept();
  assert.equal((await accepted).status, "accepted");
  await assert.rejects(second.conference({}), /400/, "an offer that is taken rings nobody");
  await second.task.setAttributes({ about: "a first one", noted: true });
  await second.task.fetchLatestVersion();
  assert.equal(second.task.attributes.noted, true);
  await second.fetchLatestVersion();
  const completed = next(second, "completed");
  await second.task.complete("all said");
  assert.equal(second.task.status, "completed");
  assert.equal((await completed).status, "completed");
}

async function himself(worker, place) {
  const changed = next(worker, "attributesUpdated");
  await worker.setAttributes({ contact_uri: "client:dee", dee: true });
  assert.equal((await changed).attributes.contact_uri, "client:dee");
  const [room] = [...worker.channels.values()].filter((each) => each.taskChannelUniqueName === "default");
  const widened = next(room, "capacityUpdated");
  await place.workers(worker.sid).workerChannels("default").update({ capacity: 3 });
  assert.equal((await widened).capacity, 3);
  const fresh = await worker.fetchLatestVersion();
  assert.equal(fresh.attributes.dee, true);
}

async function dropped(worker, place, between, renewed) {
  const held = await offered(worker, place, { about: "kept" });
  await held.accept();
  const tokenUpdated = next(worker, "tokenUpdated");
  worker.updateToken(renewed);
  await tokenUpdated;
  const gone = next(worker, "disconnected");
  const back = next(worker, "ready");
  between.drop();
  await gone;
  await back;
  assert.equal(between.tokens.at(-1), renewed);
  const kept = worker.reservations.get(held.sid);
  assert.deepEqual([kept.status, kept.task.status], ["accepted", "assigned"]);
  const wrapped = next(kept, "wrapup");
  await kept.wrap();
  assert.equal((await wrapped).status, "wrapping");
  const completed = next(kept, "completed");
  await kept.complete();
  assert.equal((await completed).status, "completed");
}

/** He calls somebody: a task for himself, which is done at once. */
async function ownTask(worker, place) {
  const [way] = await place.workflows.list({ limit: 1 });
  const [line] = await place.taskQueues.list({ friendlyName: "Dee" });
  const offer = next(worker, "reservationCreated");
  const sid = await worker.createTask("+33199000001", "+33199000002", way.sid, line.sid);
  const held = await offer;
  assert.deepEqual([held.task.sid, held.task.attributes.outbound_to], [sid, "+33199000001"]);
  await held.accept();
  await held.task.complete("called");
}

/** A supervisor's token reaches the whole workspace, a worker's does not. */
async function supervised(own, options, worker, keys, workspace, place) {
  const made = token(keys, workspace, worker.sid, 600, "supervisor");
  const whole = new Workspace(made, options);
  const names = [...(await whole.fetchWorkers()).values()].map((one) => one.name);
  assert.ok(names.includes("Ada") && names.includes("Dee"));
  const lines = [...(await whole.fetchTaskQueues()).values()];
  assert.equal((await whole.fetchTaskQueue(lines[0].sid)).name, lines[0].name);
  await assert.rejects(new Workspace(own, options).fetchWorkers(), /403/);
  const supervisor = new Supervisor(made, options);
  await next(supervisor, "ready");
  const [ada] = [...(await whole.fetchWorkers({ FriendlyName: "Ada" })).values()];
  const changed = await supervisor.setWorkerAttributes(ada.sid, { languages: ["fr", "en"] });
  assert.deepEqual(JSON.parse(changed.attributes).languages, ["fr", "en"]);
  const held = await offered(worker, place, { about: "overheard" });
  await held.accept();
  await assert.rejects(supervisor.monitor(held.task.sid, held.sid), /400/, "nobody talks: there is nothing to hear");
  await held.complete();
  supervisor.disconnect();
}

/** One worker's day in the workspace. */
export async function working(base, keys, place) {
  const workspace = (await place.fetch()).sid;
  const made = await place.workers.create({ friendlyName: "Dee", attributes: '{"dee": true}' });
  await place.taskQueues.create({ friendlyName: "Dee", targetWorkers: "dee == true" });
  const between = await wire(base);
  const options = { ebServer: `${base}/_event-bridge/v1/wschannels`, wsServer: between.address, logLevel: "silent" };
  const own = token(keys, workspace, made.sid, 3600);
  const worker = new Worker(own, options);
  const told = [];
  worker.on("error", (error) => told.push(error.name));
  await next(worker, "ready");
  assert.deepEqual([worker.name, worker.activity.name, worker.channels.size], ["Dee", "Offline", 5]);
  const updated = next(worker, "activityUpdated");
  await [...worker.activities.values()].find((each) => each.available).setAsCurrent();
  await updated;
  assert.deepEqual([worker.activity.name, worker.available], ["Available", true]);
  await work(worker, place);
  await himself(worker, place);
  await ownTask(worker, place);
  await supervised(own, options, worker, keys, workspace, place);
  await dropped(worker, place, between, token(keys, workspace, made.sid, 1800));
  worker.disconnect();
  between.close();
  // A WebSocket of a browser, or of a newer node, tells of the drop as an error too.
  assert.deepEqual(told.filter((name) => name !== "GATEWAY_CONNECTION_FAILED"), []);
  assert.ok(told.length <= 1);
}
