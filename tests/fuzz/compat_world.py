"""What generated calls of the compatible API find there: a workspace in which everything exists once, and calls of every kind."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from parlons.compat.operations import find, parts_of
from tests.app.call_stage import CUSTOMER, NUMBER
from tests.fuzz.pool import Pool

Json = dict[str, Any]
PATIENCE = 60.0
DOORS = ("/_taskrouter", "/_api")
_LASTING = '<Response><Pause length="600"/></Response>'


class Places(Pool):
    """Paths of things that exist, and their ids by their first two letters; the newest are called most."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._paths: dict[tuple[str, ...], None] = {}
        self._gone: dict[tuple[str, ...], None] = {}

    def anew(self) -> None:
        """Another world is made: what was there is gone, and seldom asked for."""
        self._gone, self._paths = self._paths, {}

    def path(self, url: str) -> None:
        """A thing stands at this address."""
        below = next((url.partition(door)[2] for door in DOORS if door in url), url).partition("?")[0]
        if find(below)[0]:
            parts = tuple(parts_of(below))
            self._keep(parts)
            if "Recordings" in parts:  # a recording stands below its call and by itself
                self._keep((*parts[:3], *parts[-2:]))
        for part in parts_of(below):
            self.named[part[:2]] = [*(one for one in self.named[part[:2]] if one != part), part][-8:]

    def _keep(self, parts: tuple[str, ...]) -> None:
        self._paths.pop(parts, None)
        self._paths[parts] = None

    def found(self, answer: Any) -> None:
        """All that an answer says stands somewhere."""
        if isinstance(answer, list):
            for each in answer:
                self.found(each)
        elif isinstance(answer, dict):
            for name in ("url", "uri"):
                if isinstance(answer.get(name), str):
                    self.path(answer[name])
            for part in answer.values():
                if isinstance(part, dict | list):
                    self.found(part)

    def variables(self, template: str) -> list[str] | None:
        """What stands at a template's variable parts, of one thing that exists or existed."""
        parts = parts_of(template)
        last = max((at for at, part in enumerate(parts) if part.startswith("{")), default=-1)
        wanted = parts[: last + 1]
        known = self._gone if self._gone and self.random.random() < 0.1 else self._paths
        fitting = list(dict.fromkeys(path[: len(wanted)] for path in known if _fits(wanted, path)))
        if not fitting:
            return None
        path = self.random.choice(fitting[-3:] if self.random.random() < 0.7 else fitting[-20:])
        return [path[at] for at, part in enumerate(wanted) if part.startswith("{")]

    def sid(self, letters: str) -> str | None:
        """An id of a kind; mostly of what is there now."""
        known = self.named.get(letters, [])
        return self.random.choice(known[-2:] if self.random.random() < 0.7 else known) if known else None


def _fits(wanted: list[str], path: tuple[str, ...]) -> bool:
    return len(path) >= len(wanted) and all(
        (len(path[at]) == 34 if part.startswith("{") else path[at] == part) for at, part in enumerate(wanted)
    )


def until(holds: Callable[[], Any]) -> Any:
    """Waits until the client finds it so."""
    ends = time.monotonic() + PATIENCE
    while True:
        if found := holds():
            return found
        assert time.monotonic() < ends, "it did not become so"
        time.sleep(0.1)


def learn(api: Client, places: Places) -> None:
    """What the client was answered meanwhile."""
    seen, api.http_client.seen = api.http_client.seen, []
    for each in seen:
        if each.status < 300 and each.text:
            places.found(json.loads(each.text))


def routing(api: Client, kept: set[str]) -> None:
    """A workspace with a task offered and one that waits; the workspaces before it go."""
    for old in api.taskrouter.v1.workspaces.list():
        if old.sid not in kept:
            quietly(api.taskrouter.v1.workspaces(old.sid).delete)
    made = api.taskrouter.v1.workspaces.create(friendly_name="Fuzz", template="FIFO")
    here = api.taskrouter.v1.workspaces(made.sid)
    here.activities.create(friendly_name="Spare")
    here.task_channels.create(friendly_name="Spare", unique_name="spare")
    here.task_queues.create(friendly_name="Spare", target_workers="1==2")
    (queue,) = here.task_queues.list(friendly_name="Sample Queue")
    way = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}})
    here.workflows.create(friendly_name="Spare", configuration=way)
    (ready,) = here.activities.list(friendly_name="Available")
    contact = json.dumps({"contact_uri": "client:nobody"})
    worker = here.workers.create(friendly_name="Ada", activity_sid=ready.sid, attributes=contact)
    here.workers.create(friendly_name="Spare")
    here.workers(worker.sid).worker_channels.list()
    first = here.workflows.list(friendly_name="Default Fifo Workflow")[0]
    for number in range(3):
        here.tasks.create(attributes=json.dumps({"number": number}), workflow_sid=first.sid)
    until(lambda: here.workers(worker.sid).reservations.list())
    here.tasks(here.workers(worker.sid).reservations.list()[0].task_sid).reservations.list()
    here.events.list(limit=5)


def calls(api: Client, url: str) -> None:
    """A call, a conference of two, a queue in which somebody waits, a recording, an application; those before them go."""
    for old in api.calls.list(status="in-progress", limit=50):
        quietly(lambda sid=old.sid: api.calls(sid).update(status="completed"))
    api.applications.create(friendly_name="Fuzz", voice_url=url + "/lasting")
    api.incoming_phone_numbers.list(phone_number=NUMBER)
    for _ in range(2):
        api.calls.create(to=CUSTOMER, from_=NUMBER, twiml=_LASTING)
    name = f"Fuzz {time.monotonic_ns()}"
    (room, _) = [api.conferences(name).participants.create(to=CUSTOMER, from_=NUMBER, label=one) for one in ("a", "b")]
    queue = api.queues.create(friendly_name=name)
    waiting = f"<Response><Enqueue>{name}</Enqueue></Response>"
    api.calls.create(to=CUSTOMER, from_=NUMBER, twiml=waiting)
    until(lambda: len(api.conferences(room.conference_sid).participants.list()) == 2)
    until(lambda: api.queues(queue.sid).members.list())
    api.conferences.list(status="in-progress")
    if len(api.recordings.list(limit=4)) < 3:
        taken = api.calls.create(to=CUSTOMER, from_=NUMBER, twiml='<Response><Record maxLength="1"/></Response>')
        until(lambda: [one for one in api.calls(taken.sid).recordings.list() if one.status == "completed"])
    for one in api.recordings.list(limit=4):
        api.calls(one.call_sid).recordings.list()
    api.calls.list(limit=20)
    api.calls.list(status="in-progress", limit=20)  # the last that is learnt is asked for most


def quietly(act: Callable[[], Any]) -> None:
    """What may have gone already."""
    with contextlib.suppress(TwilioRestException):
        act()


NEEDED = {
    "/Tasks": {"WorkflowSid"},
    "/Reservations/{Sid}": {"ReservationStatus"},
    "/Calls/{Sid}.json": {"Twiml"},
    "/Calls.json": {"Twiml"},
}
"""By the end of a path: what a call with too little in it has to have, though the description does not require it."""


def likely(name: str, url: str, places: Places) -> tuple[Any, ...]:
    """Values of which most are taken, by the name of a parameter."""
    if name == "Configuration":
        return (json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": places.sid("WQ")}}}),)
    known: dict[str, tuple[Any, ...]] = {
        "Attributes": ('{"level": 3}', "{}"),
        "To": (CUSTOMER, "client:nobody"),
        "From": (NUMBER,),
        "Twiml": (_LASTING, "<Response><Hangup/></Response>"),
        "TargetWorkers": ("1==1", "level > 2"),
        "TargetWorkersExpression": ("1==1",),
        "EvaluateTaskAttributes": ("level == 3",),
        "EvaluateWorkerAttributes": ("level == 3",),
        "TaskChannel": ("default",),
        "UniqueName": ("spare",),
        "Template": ("NONE", "FIFO"),
        "EventsFilter": ("task.created",),
        "EventType": ("task.created",),
        "SplitByWaitTime": ("5,10",),
        "Minutes": (5,),
        "PageSize": (5, 50),
        "Page": (0,),
        "PageToken": (None,),
        "Instruction": ("accept", "reject", "conference", "dequeue", "call", "redirect", "supervise"),
        "ReservationStatus": ("accepted", "rejected", "wrapping", "completed"),
        "AssignmentStatus": ("canceled", "completed", "wrapping", "assigned"),
        "Ordering": ("Priority:desc",),
        "StatusCallbackEvent": (["completed"], ["initiated", "answered"]),
        "Priority": (1, 7),
        "Timeout": (30,),
        "Capacity": (2,),
        "MaxSize": (10,),
    }
    if name.endswith(("Url", "StatusCallback")):
        return (url + "/lasting",)
    if name.endswith("Method"):
        return ("POST", "GET")
    if name.endswith("FriendlyName"):
        return ("Alpha", "Beta", "Spare")
    if "Date" in name or name.endswith(("Time<", "Time>", "StartTime", "EndTime")):
        return ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    return known.get(name, ())
