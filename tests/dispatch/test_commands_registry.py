"""Snapshot + events = fresh snapshot, for every command of the router; a command without a case fails.

The same fixtures are written down for the TypeScript fold (web/packages/sync/fixtures); a difference from what stands
there fails, `PARLONS_WRITE_FIXTURES=1` renews them. Each event is checked against its model in dispatch/events.py.
"""

import json
import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.app.socket import rights_of
from parlons.dispatch import queries
from parlons.dispatch.batch import Asked, Batch
from parlons.dispatch.events import EVENTS
from parlons.dispatch.screens import Shown, shown_in
from parlons.dispatch.stepper import Stepper, fresh
from parlons.kit.clock import to_iso
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Removal, Target
from parlons.routing.transitions import ReservationCreated
from parlons.runtime.rights import loses, narrowed, sees
from tests.conftest import NOON
from tests.dispatch import floor

FIXTURES = Path(__file__).resolve().parents[2] / "web/packages/sync/fixtures"
SUPERVISOR = Principal(floor.TENANT, floor.WORKSPACE, Role.SUPERVISOR, user_id="US1")
LEADERS = {
    one: Principal(floor.TENANT, floor.WORKSPACE, Role.SUPERVISOR, user_id=f"US{one}", queue_ids=frozenset({one}))
    for one in (floor.SALES, floor.SUPPORT)
}
USERS = {floor.worker_id(1): "US" + "a" * 32}
Json = dict[str, Any]
MONDAY = NOON


class Floor:
    """A router in memory, with what its screens were told."""

    def __init__(self) -> None:
        self.stepper: Stepper = fresh(floor.WORKSPACE)
        self.now = MONDAY
        self.told: list[Json] = []
        self.told_leaders: dict[str, list[Json]] = {one: [] for one in LEADERS}
        """What comes to the screens of who is bound to one queue."""
        self.offers: list[str] = []
        for command in (
            floor.CONFIGURATION,
            floor.worker(1, "sales", capacity=2),
            floor.worker(2, "sales", "support"),
            floor.worker(3, "support"),
        ):
            self.do(command)

    def do(self, *commands: c.Command) -> None:
        """Carries commands out, one second apart; a refusal fails the test."""
        for command in commands:
            self.now += 1000
            batch = Batch()
            self.stepper.carry_out(Asked(command), self.now, batch)
            assert not batch.refused, batch.refused
            for seq, entry in enumerate(shown_in(batch.entries, batch.steps, 0, USERS), len(self.told) + 1):
                if not isinstance(entry, Shown):
                    continue
                frame = {"type": "event", "seq": seq, "event": entry.type, "at": to_iso(entry.at), "data": entry.data}
                EVENTS[entry.type].model_validate(frame)
                self.told.append(json.loads(json.dumps(frame)))
                for queue_id, leader in LEADERS.items():
                    rights = rights_of(leader)
                    if sees(rights, entry.audience) or loses(rights, entry.audience):
                        mine = {**frame, "data": narrowed(rights, entry.audience, entry.data)}
                        self.told_leaders[queue_id].append(json.loads(json.dumps(mine)))
            for done in batch.done:
                self.offers += [
                    one.reservation_id for one in done.outcome.transitions if type(one) is ReservationCreated
                ]

    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now += seconds * 1000

    def snapshot(self, who: Principal = SUPERVISOR) -> Json:
        """What a supervisor's screen would begin with."""
        found: Json = json.loads(json.dumps(queries.snapshot(self.stepper, USERS, who)))
        return found

    def work(self, queue_id: str) -> Json:
        """The contacts on the screen of who is bound to this queue."""
        return {part: self.snapshot(LEADERS[queue_id])[part] for part in ("tasks", "reservations")}

    def queue_figures(self) -> list[Json]:
        """What `queue.statistics` tells of every queue, in the end."""
        return [
            {"event": "queue.statistics", "data": {"queue_id": queue["id"], "queue": queue}}
            for queue in queries.queues(self.stepper, SUPERVISOR)
        ]


Case = Callable[[Floor], None]


def _two_tasks(here: Floor) -> None:
    here.do(floor.task(1), floor.task(2, "support"))


def _accepted(here: Floor) -> None:
    here.do(floor.task(1))
    here.do(c.AcceptReservation(here.offers[-1]))


def _transferring(here: Floor) -> None:
    _accepted(here)
    _transferring_to_second(here)


def _transferring_to_second(here: Floor, note_id: str | None = None) -> None:
    target = Target("worker", floor.worker_id(2))
    here.do(c.TransferTask(floor.task_id(1), target, here.offers[-1], note_id=note_id))


def _transferred(here: Floor) -> None:
    _transferring_to_second(here, note_id="NO1")
    here.do(c.AcceptReservation(here.offers[-1]))


def _half_a_minute_later(here: Floor) -> None:
    here.wait(30)
    here.do(c.Tick())


PREPARE: dict[str, Case] = {
    "accept_reservation": _two_tasks,
    "reject_reservation": _two_tasks,
    "update_task": _two_tasks,
    "cancel_task": _two_tasks,
    "erase_task": _two_tasks,
    "tick": _two_tasks,
    "set_activity": _two_tasks,
    "transfer_task": _accepted,
    "wrap_task": _accepted,
    "complete_task": _accepted,
    "wrap_reservation": _accepted,
    "complete_reservation": _accepted,
    "requeue_task": _accepted,
    "create_companion": _accepted,
    "cancel_transfer": _transferring,
    "create_task": lambda here: here.do(floor.task(7)),
}

ACT: dict[str, Case] = {
    "configure": lambda here: here.do(
        c.Configure(
            put=(Activity("WA" + "9" * 32, "Lunch", False), Queue(floor.SALES, "Sales (new)", "skills HAS 'support'")),
        ),
        c.Configure(put=(Queue("WQ" + "9" * 32, "Short-lived"),)),
        c.Configure(remove=(Removal("queue", "WQ" + "9" * 32), Removal("activity", "WA" + "9" * 32))),
    ),
    "put_worker": lambda here: here.do(floor.worker(4, "sales"), floor.worker(1, "support", capacity=3)),
    "remove_worker": lambda here: here.do(c.RemoveWorker(floor.worker_id(3))),
    "set_activity": lambda here: here.do(
        c.SetActivity(floor.worker_id(1), floor.OFFLINE, True), c.SetActivity(floor.worker_id(1), floor.READY)
    ),
    "set_worker_attributes": lambda here: here.do(c.SetWorkerAttributes(floor.worker_id(3), {"skills": ["sales"]})),
    "set_channel": lambda here: here.do(
        c.SetChannel(floor.worker_id(1), "chat", 5), c.SetChannel(floor.worker_id(2), "chat", available=False)
    ),
    "set_reachable": lambda here: here.do(
        c.SetReachable(floor.worker_id(1), False), c.SetReachable(floor.worker_id(1), True)
    ),
    "create_task": lambda here: here.do(floor.task(1), floor.task(2, "support"), floor.task(3, "other")),
    "update_task": lambda here: here.do(
        c.UpdateTask(floor.task_id(1), priority=9),
        c.UpdateTask(floor.task_id(2), attributes={"topic": "sales", "language": "en", "title": "Which colour?"}),
    ),
    "cancel_task": lambda here: here.do(c.CancelTask(floor.task_id(1), "gone"), c.CancelTask(floor.task_id(2))),
    "wrap_task": lambda here: here.do(c.WrapTask(floor.task_id(1))),
    "complete_task": lambda here: here.do(c.CompleteTask(floor.task_id(1), "sold")),
    "transfer_task": _transferred,
    "cancel_transfer": lambda here: here.do(c.CancelTransfer(floor.task_id(1))),
    "create_companion": lambda here: here.do(c.CreateCompanion(floor.task_id(9), floor.task_id(1), "voice")),
    "requeue_task": lambda here: here.do(c.RequeueTask(floor.task_id(1), "agent-lost")),
    "accept_reservation": lambda here: here.do(
        c.AcceptReservation(here.offers[0]), c.AcceptReservation(here.offers[1])
    ),
    "reject_reservation": lambda here: here.do(
        c.RejectReservation(here.offers[0], quiet_seconds=60), c.RejectReservation(here.offers[1], floor.OFFLINE)
    ),
    "wrap_reservation": lambda here: here.do(c.WrapReservation(here.offers[-1])),
    "complete_reservation": lambda here: here.do(c.CompleteReservation(here.offers[-1], "sold")),
    "tick": _half_a_minute_later,
    "erase_task": lambda here: here.do(c.EraseTask(floor.task_id(1)), c.EraseTask(floor.task_id(2))),
}


def test_every_command_has_a_case() -> None:
    assert set(ACT) == set(c.COMMANDS)


@pytest.mark.parametrize("name", sorted(c.COMMANDS))
def test_snapshot_and_events_make_the_fresh_snapshot(name: str) -> None:
    here = Floor()
    PREPARE.get(name, lambda _: None)(here)
    before, first = here.snapshot(), len(here.told)
    led = {one: (here.work(one), len(told)) for one, told in here.told_leaders.items()}
    ACT[name](here)
    events = here.told[first:] + json.loads(json.dumps(here.queue_figures()))
    assert here.told[first:], "nothing was told"
    after = here.snapshot()
    assert reduce(fold, events, before) == after
    for queue_id, (work, count) in led.items():
        ended = reduce(fold, here.told_leaders[queue_id][count:], work)
        assert {part: ended[part] for part in work} == here.work(queue_id), f"the screen of who leads {queue_id}"
    _fixture(name, {"snapshot": before, "events": events, "after": after})


def _fixture(name: str, found: Json) -> None:
    """Compares with, or renews, what the TypeScript fold is run on."""
    file = FIXTURES / f"{name}.json"
    if os.environ.get("PARLONS_WRITE_FIXTURES"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    assert json.loads(file.read_text()) == found, "renew the fixtures: PARLONS_WRITE_FIXTURES=1"
