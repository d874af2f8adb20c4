"""The router again, naive: every question is answered by looking at all workers and all tasks. O(workers x tasks), no
masks, no heaps, no pools. Written apart from routing/ and expr/: it shares only command and event types with them,
and is read beside compat 1.1-1.5.

It says what happened as tuples (event name, task, worker or detail ...) which `heard` also makes of the router's
transitions."""

from typing import Any

from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.routing.configuration import Activity, Queue, Settings, Workflow
from tests.routing.oracle_model import Hand, Hold, Job, Refused
from tests.routing.oracle_words import holds_for_both, holds_for_counts, holds_for_task, holds_for_worker, order_key


class Oracle:
    def __init__(self) -> None:
        self.activities: dict[str, Activity] = {}
        self.queues: dict[str, Queue] = {}
        self.workflows: dict[str, Workflow] = {}
        self.channels: dict[str, bool] = dict.fromkeys(("voice", "sms", "chat", "video", "default"), False)
        self.settings = Settings()
        self.hands: dict[str, Hand] = {}
        self.jobs: dict[str, Job] = {}
        self.holds: dict[int, Hold] = {}
        self.number = self.rank = self.armed = self.now = 0
        self.clocks: list[tuple[int, int, str, Job, Any]] = []
        self.back: list[Job] = []
        self.turns: list[Hand] = []
        self.said: list[tuple[Any, ...]] = []

    def target(self, job: Job) -> dict[str, Any]:
        """The target the task stands at, as written in the workflow; empty for a straight way."""
        if job.spot is None:
            return {}
        routing = self.workflows[job.workflow or ""].configuration["task_routing"]
        if job.spot[0] == -1:
            return dict(routing["default_filter"])
        return dict(routing["filters"][job.spot[0]]["targets"][job.spot[1]])

    def in_line(self, hand: Hand) -> bool:
        alone = self.settings.multi_task or not hand.holds
        return self.activities[hand.activity].available and hand.reachable and alone and not hand.aside

    def room(self, hand: Hand, channel: str) -> bool:
        used = sum(1 for hold in hand.holds if hold.task.channel == channel)
        return hand.rooms[channel][1] and used < hand.rooms[channel][0]

    def belongs(self, job: Job, hand: Hand) -> bool:
        if job.spot is None and job.direct is not None and job.direct[0] == "worker":
            return job.direct[1] == hand.id
        if not holds_for_worker(self.queues[job.queue or ""].expression, hand.attributes):
            return False
        if job.known is not None and job.known != hand.id:
            return False
        text = self.target(job).get("expression")
        return not text or holds_for_both(text, job.attributes, hand.attributes)

    def barred(self, job: Job, hand: Hand) -> bool:
        origin = job.transfer["origin"] if job.transfer else None
        return (
            hand.id in job.quiet
            or any(hold.worker is hand for hold in job.holds)
            or (origin is not None and origin.worker is hand)
        )

    def fits(self, job: Job, hand: Hand) -> bool:
        return (
            self.in_line(hand)
            and (job.ignore or self.room(hand, job.channel))
            and self.belongs(job, hand)
            and not self.barred(job, hand)
        )

    def limit(self, job: Job) -> int:
        straight = job.spot is None and job.direct is not None and job.direct[0] == "worker"
        return 1 if straight else self.queues[job.queue or ""].max_reserved

    def lifo(self, job: Job) -> bool:
        return job.queue is not None and self.queues[job.queue].order == "LIFO"

    def waits(self, job: Job) -> bool:
        return job.looking and job.placed and len(job.holds) < self.limit(job)

    def place(self, job: Job) -> tuple[Any, ...]:
        """Order among all that waits: kinds of queue as the workspace says, then the documented order inside a kind."""
        lifo = self.lifo(job)
        late = lifo != (self.settings.prioritize_queue_order == "LIFO")
        return (late, -job.start, job.id) if lifo else (late, -job.priority, job.start, job.id)

    def line(self, job: Job, hand: Hand) -> tuple[Any, ...]:
        order = self.target(job).get("order_by")
        if order:
            return (order_key(order, hand.attributes), hand.rank)
        busy = self.channels[job.channel] and any(hold.task.channel == job.channel for hold in hand.holds)
        return (int(busy), hand.rank)

    def say(self, *what: Any) -> None:
        self.said.append(what)

    def arm(self, after: int, kind: str, job: Job, ref: Any = None) -> int:
        self.armed += 1
        self.clocks.append((self.now + after, self.armed, kind, job, ref))
        return self.now + after

    def live(self, job: Job) -> None:
        """Its time to live begins."""
        self.arm(job.ttl * 1000, "life", job)
        job.life = self.armed

    def last_in_line(self, hand: Hand) -> None:
        self.rank += 1
        hand.rank = self.rank

    def step_aside(self, hand: Hand) -> None:
        hand.aside = True
        if hand not in self.turns:
            self.turns.append(hand)

    def look_for_workers(self, job: Job) -> bool:
        found = False
        while len(job.holds) < self.limit(job):
            fitting = [hand for hand in self.hands.values() if self.fits(job, hand)]
            if not fitting:
                break
            self.reserve(job, min(fitting, key=lambda hand: self.line(job, hand)))
            found = True
        return found

    def look_for_work(self, hand: Hand) -> None:
        hand.aside = False
        while True:
            fitting = [job for job in self.jobs.values() if self.waits(job) and self.fits(job, hand)]
            if not fitting:
                return
            self.reserve(min(fitting, key=self.place), hand)

    def reserve(self, job: Job, hand: Hand) -> None:
        self.number += 1
        workflow = self.workflows.get(job.workflow or "")
        seconds = (workflow or self.settings).reservation_timeout_seconds
        hold = Hold(self.number, job, hand, self.now, self.now + seconds * 1000)
        if not job.holds:
            job.moves += 1
            if job.status == "pending":
                job.status = "reserved"
        job.holds.append(hold)
        self.take_hold(hold)
        self.arm(seconds * 1000, "answer", job, hold)
        self.say("reservation.created", job.id, hand.id, job.queue, hold.ends)
        self.one_task(hold, "reservation_activity_id")

    def take_hold(self, hold: Hold) -> None:
        self.holds[hold.number] = hold
        hold.worker.holds.append(hold)
        self.last_in_line(hold.worker)

    def one_task(self, hold: Hold, which: str) -> None:
        queue = self.queues.get(hold.task.queue or "")
        if not self.settings.multi_task and queue is not None and getattr(queue, which):
            self.set_activity(hold.worker, getattr(queue, which))

    def end_hold(self, hold: Hold, status: str) -> None:
        hold.status = status
        del self.holds[hold.number]
        hold.worker.holds.remove(hold)
        if hold in hold.task.holds:
            hold.task.holds.remove(hold)
        self.last_in_line(hold.worker)
        self.step_aside(hold.worker)

    def set_activity(self, hand: Hand, activity: str) -> None:
        if hand.activity == activity:
            return
        if self.activities[activity].available and not self.activities[hand.activity].available:
            self.last_in_line(hand)
        hand.activity = activity
        self.say("worker.activity.update", hand.id, activity)
        self.step_aside(hand)

    def start(self, job: Job, created: bool = False, only_place: bool = False) -> None:
        job.spot, job.known, job.leaves = None, None, None
        if job.direct is not None:
            self.straight(job, created, only_place)
            return
        workflow = self.workflows.get(job.workflow or "")
        if workflow is None:
            self.nobody(job, t.REASON_GONE)
            return
        self.say("workflow.entered", job.id, job.workflow)
        spot = self.matching_filter(job, 0)
        if spot is None and "default_filter" in workflow.configuration["task_routing"]:
            spot = (-1, 0)
        if spot is None:
            if created:
                self.announce(job)
            self.nobody(job, t.REASON_NO_FILTER)
            return
        self.stand(job, spot, created)
        if not only_place and not self.look_for_workers(job):
            self.maybe_skip(job)

    def straight(self, job: Job, created: bool, only_place: bool) -> None:
        assert job.direct is not None
        kind, name = job.direct
        if kind == "queue" and name not in self.queues:
            self.nobody(job, t.REASON_GONE)
            return
        if kind == "queue":
            self.into(job, name)
        if created:
            self.announce(job)
        if kind == "worker":
            job.queue = None
        job.placed = True
        if not only_place:
            self.look_for_workers(job)

    def matching_filter(self, job: Job, first: int) -> tuple[int, int] | None:
        filters = self.workflows[job.workflow or ""].configuration["task_routing"].get("filters", [])
        for index in range(first, len(filters)):
            if holds_for_task(filters[index]["expression"], job.attributes):
                return (index, 0)
        return None

    def stand(self, job: Job, spot: tuple[int, int], created: bool = False) -> None:
        job.spot = spot
        target = self.target(job)
        queue = target.get("queue")
        if queue is None:
            for earlier in range(spot[1], -1, -1):
                job.spot = (spot[0], earlier)
                queue = queue or self.target(job).get("queue")
            job.spot = spot
        self.into(job, queue or "")
        if created:
            self.announce(job)
        if "priority" in target and int(target["priority"]) != job.priority:
            job.base = job.priority if job.base is None else job.base
            job.priority = int(target["priority"])
        job.known = self.known(job, target)
        job.placed = True
        self.say("workflow.target-matched", job.id, job.queue, spot, job.priority, job.known)
        job.leaves = None
        if "timeout" in target:
            job.leaves = self.arm(int(target["timeout"]) * 1000, "step", job, spot)

    def known(self, job: Job, target: dict[str, Any]) -> str | None:
        for key, field_name in (("known_worker_sid", "id"), ("known_worker_friendly_name", "name")):
            if key in target:
                wanted = (
                    job.attributes.get(target[key].removeprefix("task."))
                    if target[key].startswith("task.")
                    else target[key]
                )
                return next((hand.id for hand in self.hands.values() if getattr(hand, field_name) == wanted), "")
        return None

    def into(self, job: Job, queue: str) -> None:
        if job.queue == queue:
            return
        if job.queue is not None:
            self.say("task-queue.moved", job.id, job.queue, queue)
        job.queue = queue
        self.say("task-queue.entered", job.id, queue)

    def announce(self, job: Job) -> None:
        self.say("task.created", job.id, job.priority)

    def after(self, job: Job, timed_out: bool) -> tuple[int, int] | None:
        assert job.spot is not None
        routing = self.workflows[job.workflow or ""].configuration["task_routing"]
        if job.spot[0] == -1:
            return None
        if job.spot[1] + 1 < len(routing["filters"][job.spot[0]]["targets"]):
            return (job.spot[0], job.spot[1] + 1)
        following = self.matching_filter(job, job.spot[0] + 1)
        if following is None and not timed_out and "default_filter" in routing:
            return (-1, 0)
        return following

    def maybe_skip(self, job: Job) -> None:
        while True:
            text = self.target(job).get("skip_if") if job.spot is not None else None
            if not text or not holds_for_counts(text, self.counts(job.queue or "")):
                return
            self.say("workflow.skipped", job.id, job.spot)
            job.placed = False
            following = self.after(job, timed_out=False)
            if following is None:
                self.nobody(job, t.REASON_SKIPPED)
                return
            self.stand(job, following)
            if self.look_for_workers(job):
                return

    def counts(self, queue: str) -> dict[str, int]:
        members = [
            hand for hand in self.hands.values() if holds_for_worker(self.queues[queue].expression, hand.attributes)
        ]
        found = {each: sum(1 for hand in members if hand.activity == each) for each in self.activities}
        found["available"] = sum(1 for hand in members if self.activities[hand.activity].available and hand.reachable)
        found["unavailable"] = len(members) - found["available"]
        return found

    def time_is_over(self, job: Job) -> None:
        self.say("task-queue.timeout", job.id, job.queue)
        job.placed = False
        following = self.after(job, timed_out=True)
        if following is None:
            self.say("workflow.timeout", job.id, job.workflow)
            self.nobody(job, t.REASON_WORKFLOW_TIMEOUT)
            return
        self.stand(job, following)
        if not self.look_for_workers(job):
            self.maybe_skip(job)

    def nobody(self, job: Job, reason: str) -> None:
        if job.transfer is not None:
            self.transfer_over(job, "task.transfer-failed", reason)
        else:
            self.cancel(job, reason)

    def cancel(self, job: Job, reason: str) -> None:
        self.say("task.canceled", job.id, reason)
        origin = [job.transfer["origin"]] if job.transfer and job.transfer["origin"] else []
        for hold in [*origin, *job.holds]:
            self.cancel_hold(hold)
        job.status = "canceled"
        del self.jobs[job.id]

    def cancel_hold(self, hold: Hold) -> None:
        self.end_hold(hold, "canceled")
        self.say("reservation.canceled", hold.task.id, hold.worker.id)

    def transfer_over(self, job: Job, event: str, reason: str) -> None:
        assert job.transfer is not None
        for hold in list(job.holds):
            self.cancel_hold(hold)
        before, job.transfer = job.transfer, None
        job.spot, job.known, job.leaves, job.placed = None, None, None, False
        job.workflow, job.queue, job.priority = before["workflow"], before["queue"], before["priority"]
        job.direct, job.ignore = before["direct"], before["ignore"]
        if before["origin"] is not None:
            job.holds = [before["origin"]]
        else:
            job.status, job.stale = "pending", True
            self.back.append(job)
        self.say(event, job.id, reason)

    def give_back(self, job: Job, hold: Hold) -> None:
        if job.transfer is not None:
            self.say("task.transfer-attempt-failed", job.id, hold.worker.id)
            if job.transfer["target"][0] == "worker":
                self.transfer_over(job, "task.transfer-failed", t.REASON_TRANSFER_ENDED)
                return
        self.back.append(job)

    def settle(self) -> None:
        while self.back or self.turns:
            if self.back:
                self.resume(self.back.pop(0))
            else:
                hand = self.turns.pop(0)
                self.look_for_work(hand)

    def resume(self, job: Job) -> None:
        if job.id not in self.jobs or not job.looking:
            return
        if not job.holds:
            if job.moves >= self.settings.max_moves:
                job.placed = False
                self.nobody(job, t.REASON_MOVES)
                return
            if job.status == "reserved":
                job.status = "pending"
                self.say("task.updated", job.id, "pending")
            if job.stale:
                self.again(job)
                return
            if job.leaves is not None and job.leaves <= self.now:
                self.time_is_over(job)
                return
        if not job.stale:
            self.look_for_workers(job)

    def again(self, job: Job, only_place: bool = False) -> None:
        job.stale = job.placed = False
        if job.base is not None:
            job.priority, job.base = job.base, None
        self.start(job, only_place=only_place)

    def spoil(self, job: Job) -> None:
        job.stale, job.placed, job.spot, job.known, job.leaves = True, False, None, None, None

    def tick(self) -> None:
        while True:
            due = sorted(clock[:2] for clock in self.clocks if clock[0] <= self.now and self.runs(clock))
            if not due:
                return
            clock = next(clock for clock in self.clocks if clock[:2] == due[0])
            self.clocks.remove(clock)
            self.fire(clock)
            self.settle()

    def runs(self, clock: tuple[int, int, str, Job, Any]) -> bool:
        ends, armed, kind, job, ref = clock
        if kind == "answer":
            return ref.status == "pending"
        if kind == "life":
            return job.looking and job.life == armed
        if kind == "quiet":
            return job.quiet.get(ref) == ends and job.status not in ("canceled", "completed")
        return job.looking and job.spot == ref and job.leaves == ends

    def fire(self, clock: tuple[int, int, str, Job, Any]) -> None:
        _, _, kind, job, ref = clock
        if kind == "answer":
            self.end_hold(ref, "timeout")
            self.say("reservation.timeout", job.id, ref.worker.id)
            if self.settings.timeout_activity_id is not None:
                self.set_activity(ref.worker, self.settings.timeout_activity_id)
            self.give_back(job, ref)
        elif kind == "life" and job.transfer is not None and job.transfer["origin"] is not None:
            self.nobody(job, t.REASON_TTL)
        elif kind == "life":
            self.cancel(job, t.REASON_TTL)
        elif kind == "quiet":
            del job.quiet[ref]
            if self.waits(job):
                self.look_for_workers(job)
        elif not job.holds:
            self.time_is_over(job)

    def next_deadline(self) -> int | None:
        return min((clock[0] for clock in self.clocks if self.runs(clock)), default=None)

    def carry_out(self, command: c.Command, now: int) -> list[tuple[Any, ...]]:
        """Events of the command; raises Refused before any change."""
        from tests.routing.oracle_commands import HANDLERS

        self.said = []
        before, self.now = self.now, now
        try:
            HANDLERS[type(command)](self, command)
        except Refused:
            self.now = before
            raise
        return self.said
