"""What each command does, naively: the second half of the oracle. Checks first, then changes."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.routing.configuration import Activity, Queue, TaskChannel, Workflow
from tests.routing.oracle import Oracle
from tests.routing.oracle_model import Hand, Hold, Job, Refused


def need(truth: object) -> None:
    if not truth:
        raise Refused


def holder(job: Job) -> Hold | None:
    if job.transfer and job.transfer["origin"]:
        return job.transfer["origin"]  # type: ignore[no-any-return]
    return job.holds[0] if job.holds and job.holds[0].status in ("accepted", "wrapping") else None


def number_of(reservation_id: str) -> int:
    """The oracle counts reservations; the router's ids end in the same count."""
    return int(reservation_id[-12:], 16)


def hold_of(oracle: Oracle, command: Any) -> Hold:
    hold = oracle.holds.get(number_of(command.reservation_id))
    need(hold)
    assert hold is not None
    return hold


def target_exists(oracle: Oracle, kind: str, name: str) -> bool:
    return name in {"worker": oracle.hands, "queue": oracle.queues, "workflow": oracle.workflows}[kind]


def configure(o: Oracle, command: c.Configure) -> None:
    activities, queues, workflows, channels = dict(o.activities), dict(o.queues), dict(o.workflows), dict(o.channels)
    settings = command.settings or o.settings
    for item in command.put:
        if isinstance(item, Activity):
            activities[item.id] = item
        elif isinstance(item, Queue):
            queues[item.id] = item
        elif isinstance(item, Workflow):
            workflows[item.id] = item
        elif isinstance(item, TaskChannel):
            channels[item.unique_name] = item.optimized
    for gone in command.remove:
        {"activity": activities, "queue": queues, "workflow": workflows, "task_channel": channels}[gone.kind].pop(
            gone.id, None
        )
    for name in (settings.default_activity_id, settings.timeout_activity_id):
        need(name is None or name in activities)
    for queue in queues.values():
        need({queue.reservation_activity_id, queue.assignment_activity_id} <= {None, *activities})
    for each in workflows.values():
        need(named_queues(each) <= queues.keys())
    need(all(hand.activity in activities for hand in o.hands.values()))
    for job in o.jobs.values():
        need(job.channel in channels)
        need(
            not job.looking
            or ((job.queue is None or job.queue in queues) and (job.workflow is None or job.workflow in workflows))
        )
    changed = {name for name, each in workflows.items() if o.workflows.get(name) != each}
    o.activities, o.queues, o.workflows, o.channels, o.settings = activities, queues, workflows, channels, settings
    for hand in o.hands.values():
        for name in channels:
            hand.rooms.setdefault(name, [1, True])
    affected = [job for job in o.jobs.values() if job.workflow in changed and job.looking and job.direct is None]
    affected.sort(key=lambda job: (-(job.priority if job.base is None else job.base), job.start, job.id))
    for job in affected:
        if job.holds:
            o.spoil(job)
        else:
            job.placed = False
    entered = [job for job in affected if not job.holds]
    for job in entered:
        o.again(job, only_place=True)
    for job in sorted((job for job in o.jobs.values() if o.waits(job)), key=o.place):
        o.look_for_workers(job)
    for job in entered:
        if job.id in o.jobs and o.waits(job) and not job.holds:
            o.maybe_skip(job)
    o.settle()


def named_queues(workflow: Workflow) -> set[str]:
    routing = workflow.configuration["task_routing"]
    targets = [target for each in routing.get("filters", []) for target in each["targets"]]
    found = {target["queue"] for target in targets if "queue" in target}
    return found | ({routing["default_filter"]["queue"]} if "default_filter" in routing else set())


def put_worker(o: Oracle, command: c.PutWorker) -> None:
    need(not any(hand.name == command.name and hand.id != command.worker_id for hand in o.hands.values()))
    need(all(name in o.channels for name in command.channels))
    hand = o.hands.get(command.worker_id)
    activity = command.activity_id or (o.settings.default_activity_id if hand is None else None)
    need(hand is not None or activity)
    need(activity is None or activity in o.activities)
    if hand is None:
        assert activity is not None
        rooms: dict[str, list[Any]] = {name: [command.channels.get(name, 1), True] for name in o.channels}
        hand = o.hands[command.worker_id] = Hand(command.worker_id, command.name, command.attributes, activity, rooms)
        o.last_in_line(hand)
        o.say("worker.created", hand.id)
    else:
        if (hand.name, hand.attributes) != (command.name, command.attributes):
            hand.name, hand.attributes = command.name, command.attributes
            o.say("worker.attributes.update", hand.id)
        for name, capacity in command.channels.items():
            set_capacity(o, hand, name, capacity)
        o.step_aside(hand)
        if activity is not None:
            o.set_activity(hand, activity)
    o.step_aside(hand)
    o.settle()


def set_capacity(o: Oracle, hand: Hand, channel: str, capacity: int) -> None:
    if hand.rooms[channel][0] != capacity:
        hand.rooms[channel][0] = capacity
        o.say("worker.capacity.update", hand.id, channel, capacity)


def remove_worker(o: Oracle, command: c.RemoveWorker) -> None:
    hand = o.hands.get(command.worker_id)
    need(hand is not None and not hand.holds)
    del o.hands[command.worker_id]
    o.say("worker.deleted", command.worker_id)


def set_activity(o: Oracle, command: c.SetActivity) -> None:
    need(command.worker_id in o.hands and command.activity_id in o.activities)
    hand = o.hands[command.worker_id]
    o.set_activity(hand, command.activity_id)
    if command.reject_pending and not o.activities[hand.activity].available:
        for hold in [hold for hold in hand.holds if hold.status == "pending"]:
            refuse(o, hold, 0)
    o.settle()


def set_attributes(o: Oracle, command: c.SetWorkerAttributes) -> None:
    need(command.worker_id in o.hands)
    hand = o.hands[command.worker_id]
    hand.attributes = command.attributes
    o.say("worker.attributes.update", hand.id)
    o.step_aside(hand)
    o.settle()


def set_channel(o: Oracle, command: c.SetChannel) -> None:
    need(command.worker_id in o.hands and command.channel in o.channels)
    hand = o.hands[command.worker_id]
    if command.capacity is not None:
        set_capacity(o, hand, command.channel, command.capacity)
    if command.available is not None and command.available != hand.rooms[command.channel][1]:
        hand.rooms[command.channel][1] = command.available
        o.say("worker.channel.availability.update", hand.id, command.channel, command.available)
    o.step_aside(hand)
    o.settle()


def set_reachable(o: Oracle, command: c.SetReachable) -> None:
    need(command.worker_id in o.hands)
    hand = o.hands[command.worker_id]
    if hand.reachable == command.reachable:
        return
    hand.reachable = command.reachable
    o.say("worker.reachable.update", hand.id, command.reachable)
    o.step_aside(hand)
    o.settle()


def new_job(o: Oracle, command: Any, workflow: str | None, direct: tuple[str, str] | None) -> Job:
    start = o.now if getattr(command, "virtual_start", None) is None else command.virtual_start
    job = Job(
        command.task_id,
        command.attributes or {},
        command.channel,
        command.priority,
        None,
        start,
        o.now,
        command.ttl_seconds,
        workflow,
        direct,
    )
    o.jobs[job.id] = job
    o.live(job)
    return job


def create_task(o: Oracle, command: c.CreateTask) -> None:
    need(command.task_id not in o.jobs and command.channel in o.channels)
    workflow, target = command.workflow_id, command.target
    if target is not None and target.kind == "workflow":
        workflow, target = target.id, None
    if target is not None:
        need(target_exists(o, target.kind, target.id))
        job = new_job(o, command, None, (target.kind, target.id))
        job.ignore = target.kind == "worker" if command.ignore_capacity is None else command.ignore_capacity
    else:
        if workflow is None and len(o.workflows) == 1:
            workflow = next(iter(o.workflows))
        need(workflow in o.workflows)
        job = new_job(o, command, workflow, None)
    o.start(job, created=True)
    o.settle()


def update_task(o: Oracle, command: c.UpdateTask) -> None:
    need(command.task_id in o.jobs)
    job = o.jobs[command.task_id]
    if command.priority is not None:
        job.priority, job.base = command.priority, None
    o.say("task.updated", job.id, job.status)
    if command.attributes is not UNSET:
        job.attributes = command.attributes or {}  # type: ignore[assignment]
        if job.looking and job.direct is None:
            if job.holds:
                o.spoil(job)
            else:
                o.again(job)
        o.settle()


def cancel_task(o: Oracle, command: c.CancelTask) -> None:
    job = o.jobs.get(command.task_id)
    need(job is not None and job.status in ("pending", "reserved"))
    assert job is not None
    o.cancel(job, command.reason)
    o.settle()


def erase_task(o: Oracle, command: c.EraseTask) -> None:
    job = o.jobs.get(command.task_id)
    if job is not None:
        o.cancel(job, "erased")
        o.settle()


def call_back(o: Oracle, job: Job) -> None:
    if job.transfer is not None:
        o.transfer_over(job, "task.transfer-canceled", t.REASON_TRANSFER_ENDED)


def wrap(o: Oracle, job: Job | None, hold: Hold | None) -> None:
    need(job is not None and hold is not None and job.status == "assigned" and hold.status == "accepted")
    assert job is not None
    assert hold is not None
    call_back(o, job)
    hold.status = job.status = "wrapping"
    o.say("task.wrapup", job.id)
    o.say("reservation.wrapup", job.id, hold.worker.id)
    o.settle()


def complete(o: Oracle, job: Job | None, hold: Hold | None) -> None:
    need(job is not None and hold is not None and job.status in ("assigned", "wrapping") and hold.status != "pending")
    assert job is not None
    assert hold is not None
    call_back(o, job)
    o.say("task.completed", job.id)
    o.end_hold(hold, "completed")
    o.say("reservation.completed", job.id, hold.worker.id)
    o.say("task.updated", job.id, "completed")
    job.status = "completed"
    del o.jobs[job.id]
    o.settle()


def requeue(o: Oracle, command: c.RequeueTask) -> None:
    job = o.jobs.get(command.task_id)
    need(job is not None and job.status == "assigned")
    assert job is not None
    hold = holder(job)
    assert hold is not None
    call_back(o, job)
    o.cancel_hold(hold)
    job.status = "pending"
    o.live(job)
    o.say("task.updated", job.id, "pending")
    o.again(job)
    o.settle()


def accept(o: Oracle, command: c.AcceptReservation) -> None:
    hold = hold_of(o, command)
    need(hold.status == "pending" and command.worker_id in (None, hold.worker.id))
    job = hold.task
    others = [other for other in job.holds if other is not hold]
    hold.status = "accepted"
    o.one_task(hold, "assignment_activity_id")
    o.say("reservation.accepted", job.id, hold.worker.id)
    for other in others:
        o.end_hold(other, "rescinded")
        o.say("reservation.rescinded", job.id, other.worker.id)
    job.spot, job.leaves, job.placed, job.stale = None, None, False, False
    job.status = "assigned"
    before, job.transfer = job.transfer, None
    if before is not None:
        o.say("task.transfer-completed", job.id, hold.worker.id)
        if before["origin"] is not None:
            o.end_hold(before["origin"], "completed")
            o.say("reservation.completed", job.id, before["origin"].worker.id)
    o.settle()


def reject(o: Oracle, command: c.RejectReservation) -> None:
    hold = hold_of(o, command)
    need(hold.status == "pending" and (command.activity_id is None or command.activity_id in o.activities))
    refuse(o, hold, command.quiet_seconds)
    if command.activity_id is not None:
        o.set_activity(hold.worker, command.activity_id)
    o.settle()


def refuse(o: Oracle, hold: Hold, quiet: int) -> None:
    o.end_hold(hold, "rejected")
    o.say("reservation.rejected", hold.task.id, hold.worker.id)
    if quiet:
        hold.task.quiet[hold.worker.id] = o.arm(quiet * 1000, "quiet", hold.task, hold.worker.id)
    o.give_back(hold.task, hold)


def transfer(o: Oracle, command: c.TransferTask) -> None:
    job = o.jobs.get(command.task_id)
    need(job is not None and job.transfer is None)
    assert job is not None
    origin = holder(job)
    kind, name = command.target.kind, command.target.id
    if job.status == "assigned":
        need(origin is not None and command.reservation_id in (None, reservation_name(command, origin)))
    else:
        need(job.status in ("pending", "reserved") and command.reservation_id is None)
        origin = None
    need(target_exists(o, kind, name))
    if kind == "worker":
        need((origin is None or origin.worker.id != name) and o.in_line(o.hands[name]))
    before = {"target": (kind, name), "origin": origin, "workflow": job.workflow, "queue": job.queue}
    before |= {"priority": job.priority, "direct": job.direct, "ignore": job.ignore}
    if origin is None:
        for hold in list(job.holds):
            o.cancel_hold(hold)
        job.status = "pending"
    o.say("task.transfer-initiated", job.id, kind, name)
    job.transfer, job.holds, job.stale, job.placed = before, [], False, False
    job.direct, job.ignore = (None, False) if kind == "workflow" else ((kind, name), kind == "worker")
    if kind == "workflow":
        job.workflow = name
    else:
        job.quiet.pop(name, None)
    if command.priority is not None:
        job.priority = command.priority
    o.live(job)
    o.start(job)
    o.settle()


def reservation_name(command: c.TransferTask, hold: Hold) -> str | None:
    same = command.reservation_id is not None and number_of(command.reservation_id) == hold.number
    return command.reservation_id if same else None


def cancel_transfer(o: Oracle, command: c.CancelTransfer) -> None:
    job = o.jobs.get(command.task_id)
    need(job is not None and job.transfer is not None)
    assert job is not None
    call_back(o, job)
    o.settle()


def companion(o: Oracle, command: c.CreateCompanion) -> None:
    lead = o.jobs.get(command.of_task_id)
    need(
        lead is not None
        and lead.status == "assigned"
        and command.task_id not in o.jobs
        and command.channel in o.channels
    )
    assert lead is not None
    hold = holder(lead)
    assert hold is not None
    hand = hold.worker
    job = new_job(o, command, None, ("worker", hand.id))
    if o.room(hand, job.channel):
        o.announce(job)
        o.number += 1
        own = Hold(o.number, job, hand, o.now, o.now, "accepted")
        job.holds, job.moves, job.status = [own], 1, "assigned"
        o.take_hold(own)
        o.say("reservation.created", job.id, hand.id, None, o.now)
        o.say("reservation.accepted", job.id, hand.id)
        o.step_aside(hand)
    else:
        o.start(job, created=True)
    o.settle()


HANDLERS: dict[type[c.Command], Callable[[Oracle, Any], None]] = {
    c.Configure: configure,
    c.PutWorker: put_worker,
    c.RemoveWorker: remove_worker,
    c.SetActivity: set_activity,
    c.SetWorkerAttributes: set_attributes,
    c.SetChannel: set_channel,
    c.SetReachable: set_reachable,
    c.CreateTask: create_task,
    c.UpdateTask: update_task,
    c.CancelTask: cancel_task,
    c.EraseTask: erase_task,
    c.WrapTask: lambda o, x: wrap(o, o.jobs.get(x.task_id), (job := o.jobs.get(x.task_id)) and holder(job)),
    c.CompleteTask: lambda o, x: complete(o, o.jobs.get(x.task_id), (job := o.jobs.get(x.task_id)) and holder(job)),
    c.WrapReservation: lambda o, x: wrap(o, hold_of(o, x).task, hold_of(o, x)),
    c.CompleteReservation: lambda o, x: complete(o, hold_of(o, x).task, hold_of(o, x)),
    c.RequeueTask: requeue,
    c.AcceptReservation: accept,
    c.RejectReservation: reject,
    c.TransferTask: transfer,
    c.CancelTransfer: cancel_transfer,
    c.CreateCompanion: companion,
    c.Tick: lambda o, x: o.tick(),
}
