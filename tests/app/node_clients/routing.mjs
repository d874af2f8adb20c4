// The REST client from nothing to a hundred tasks: accepted, rejected, run out; figures and events say what was done.
import assert from "node:assert/strict";

const LIST = { limit: 1000, pageSize: 200 };

async function inTens(count, act) {
  const made = [];
  for (let start = 0; start < count; start += 10) {
    const some = Array.from({ length: Math.min(10, count - start) }, (_, index) => act(start + index));
    made.push(...(await Promise.all(some)));
  }
  return made;
}

function leads(queue, timeout) {
  const routing = { task_routing: { filters: [], default_filter: { queue } } };
  return { friendlyName: `Within ${timeout}`, configuration: JSON.stringify(routing), taskReservationTimeout: timeout };
}

/** A workspace with one queue served by two workers, another by one who does not answer. */
async function furnished(client) {
  const { sid } = await client.taskrouter.v1.workspaces.create({ friendlyName: "From nothing", template: "FIFO" });
  const place = client.taskrouter.v1.workspaces(sid);
  const [ready] = await place.activities.list({ friendlyName: "Available" });
  const french = await place.taskQueues.create({ friendlyName: "French", targetWorkers: "languages HAS 'fr'" });
  const night = await place.taskQueues.create({ friendlyName: "Night", targetWorkers: "night == true" });
  const way = await place.workflows.create(leads(french.sid, 120));
  const short = await place.workflows.create(leads(night.sid, 1));
  const attributes = JSON.stringify({ languages: ["fr"] });
  const workers = [];
  for (const friendlyName of ["Ada", "Bo"]) {
    const worker = await place.workers.create({ friendlyName, attributes });
    assert.equal(worker.activityName, "Offline");
    await place.workers(worker.sid).workerChannels("default").update({ capacity: 30 });
    workers.push(worker.sid);
  }
  const asleep = await place.workers.create({ friendlyName: "Cy", attributes: '{"night": true}' });
  return { place, ready, french, way, short, workers, asleep };
}

async function served(place, workers, toReject) {
  const done = { accepted: 0, rejected: 0 };
  for (;;) {
    const lists = workers.map((sid) => place.workers(sid).reservations.list({ reservationStatus: "pending" }));
    const offers = (await Promise.all(lists)).flat();
    if (offers.length === 0) return done;
    for (const offer of offers) {
      const held = place.workers(offer.workerSid).reservations(offer.sid);
      if (done.rejected < toReject) {
        const refused = await held.update({ reservationStatus: "rejected" });
        assert.equal(refused.reservationStatus, "rejected");
        done.rejected += 1;
        continue;
      }
      await held.update({ reservationStatus: "accepted" });
      const task = await place.tasks(offer.taskSid).update({ assignmentStatus: "completed", reason: "done" });
      assert.deepEqual([task.assignmentStatus, task.reason], ["completed", "done"]);
      done.accepted += 1;
    }
  }
}

async function runOut(place, short, asleep, ready) {
  await place.workers(asleep.sid).update({ activitySid: ready.sid });
  const task = await place.tasks.create({ attributes: "{}", workflowSid: short.sid });
  const offers = place.tasks(task.sid).reservations;
  while ((await offers.list({ reservationStatus: "timeout" })).length === 0); // each look is a request
  assert.equal((await place.workers(asleep.sid).fetch()).activityName, "Offline");
  await place.tasks(task.sid).update({ assignmentStatus: "canceled", reason: "nobody" });
}

async function figures(place, french, way, workers) {
  const over = await place.cumulativeStatistics().fetch({ minutes: 60, splitByWaitTime: "0,3600" });
  assert.deepEqual(
    [over.tasksCreated, over.tasksCompleted, over.tasksCanceled, over.reservationsCreated],
    [100, 99, 1, 110],
  );
  assert.deepEqual(
    [over.reservationsAccepted, over.reservationsRejected, over.reservationsTimedOut],
    [99, 10, 1],
  );
  assert.equal(over.splitByWaitTime["3600"].below.reservations_accepted, 99);
  const line = await place.taskQueues(french.sid).cumulativeStatistics().fetch({ minutes: 60 });
  assert.deepEqual([line.tasksEntered, line.reservationsAccepted, line.reservationsRejected], [99, 99, 10]);
  const led = await place.workflows(way.sid).cumulativeStatistics().fetch({ minutes: 60 });
  assert.deepEqual([led.tasksEntered, led.tasksCompleted], [99, 99]);
  const took = await Promise.all(workers.map((sid) => place.workers(sid).statistics().fetch({ minutes: 60 })));
  assert.equal(took.reduce((sum, one) => sum + one.cumulative.reservations_accepted, 0), 99);
  const now = await place.realTimeStatistics().fetch();
  assert.deepEqual([now.totalTasks, now.totalWorkers], [0, 3]);
}

async function inOrder(place, task) {
  const told = (await place.events.list({ taskSid: task, minutes: 60, ...LIST })).map((one) => one.eventType);
  assert.deepEqual(told, [
    "workflow.entered", "task-queue.entered", "task.created", "workflow.target-matched",
    "reservation.created", "reservation.accepted", "task.completed", "reservation.completed", "task.updated",
  ]);
  const all = await place.events.list({ minutes: 60, limit: 5000, pageSize: 500 });
  const at = all.map((one) => one.eventDateMs);
  assert.deepEqual(at, at.toSorted((one, other) => one - other));
  assert.equal(new Set(all.map((one) => one.sid)).size, all.length);
}

/** The whole cycle; its workspace stays for what comes next. */
export async function routing(client) {
  const { place, ready, french, way, short, workers, asleep } = await furnished(client);
  const tasks = await inTens(99, (number) =>
    place.tasks.create({ attributes: JSON.stringify({ number }), workflowSid: way.sid, timeout: 600 }),
  );
  assert.ok(tasks.every((task) => task.assignmentStatus === "pending" && task.dateCreated instanceof Date));
  const listed = await place.tasks.list({ pageSize: 30, limit: 1000 });
  assert.deepEqual(new Set(listed.map((task) => task.sid)), new Set(tasks.map((task) => task.sid)));
  for (const sid of workers) await place.workers(sid).update({ activitySid: ready.sid });
  assert.deepEqual(await served(place, workers, 10), { accepted: 99, rejected: 10 });
  await runOut(place, short, asleep, ready);
  assert.equal((await place.tasks.list({ assignmentStatus: ["completed"], limit: 1000 })).length, 99);
  await figures(place, french, way, workers);
  await inOrder(place, tasks.at(-1).sid);
  return place;
}
