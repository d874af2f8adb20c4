// The browser SDK in a page, bundled as programs do: what the test asks of it, one step each.
import { Worker } from "twilio-taskrouter";

/** The next event of this name, as an object of what a test looks at. */
const next = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));
const shown = (offer) => ({ sid: offer.sid, status: offer.status, task: offer.task.sid, taskStatus: offer.task.status });

window.day = {
  async begins(token, at, over) {
    window.worker = new Worker(token, { ebServer: at, wsServer: over, logLevel: "silent" });
    await next(worker, "ready");
    return { name: worker.name, activity: worker.activity.name };
  },
  async becomesAvailable() {
    const updated = next(worker, "activityUpdated");
    await [...worker.activities.values()].find((each) => each.available).setAsCurrent();
    await updated;
    return worker.available;
  },
  /** Listens before anything is offered; `offered` then waits for it. */
  listens() {
    window.offer = next(worker, "reservationCreated");
  },
  async offered() {
    window.held = await offer;
    return shown(held);
  },
  async accepts() {
    const accepted = next(held, "accepted");
    await held.accept();
    return shown(await accepted);
  },
  expectsToLoseTheLine() {
    window.back = next(worker, "disconnected").then(() => next(worker, "ready"));
  },
  async isBack() {
    await back;
    window.held = worker.reservations.get(held.sid);
    return shown(held);
  },
  async completes() {
    const completed = next(held, "completed");
    await held.task.complete("all said");
    return shown(await completed);
  },
};
