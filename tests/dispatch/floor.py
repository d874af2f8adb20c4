"""A small floor to route on: two activities, one queue per skill, one workflow, workers by name."""

from typing import Any

from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.outcome import Outcome
from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.routing.configuration import Activity, Queue, Settings, Workflow

TENANT = "AC" + "1" * 32
WORKSPACE = "WS" + "1" * 32
OFFLINE, READY, MISSED = "WA" + "0" * 32, "WA" + "1" * 32, "WA" + "2" * 32
SALES, SUPPORT = "WQ" + "1" * 32, "WQ" + "2" * 32
WORKFLOW = "WW" + "1" * 32

CONFIGURATION = c.Configure(
    put=(
        Activity(OFFLINE, "Offline", False),
        Activity(READY, "Available", True),
        Activity(MISSED, "Missed", False),
        Queue(SALES, "Sales", "skills HAS 'sales'", return_after_seconds=60),
        Queue(SUPPORT, "Support", "skills HAS 'support'"),
        Workflow(
            WORKFLOW,
            "Front door",
            {
                "task_routing": {
                    "filters": [
                        {"expression": "topic == 'support'", "targets": [{"queue": SUPPORT}]},
                        {
                            "filter_friendly_name": "sales",
                            "expression": "topic == 'sales'",
                            "targets": [
                                {"queue": SALES, "expression": "task.language IN worker.languages", "timeout": 600}
                            ],
                        },
                    ],
                    "default_filter": {"queue": SALES},
                }
            },
            reservation_timeout_seconds=20,
        ),
    ),
    settings=Settings(default_activity_id=OFFLINE, timeout_activity_id=MISSED),
)


def worker(number: int, *skills: str, languages: tuple[str, ...] = ("fr", "en"), capacity: int = 1) -> c.PutWorker:
    """A worker who is available and may chat."""
    return c.PutWorker(
        worker_id(number),
        f"Worker {number}",
        {"skills": list(skills), "languages": list(languages)},
        {"chat": capacity, "default": capacity},
        READY,
    )


def worker_id(number: int) -> str:
    """The id of a worker of this floor."""
    return f"WK{number:032x}"


def task_id(number: int) -> str:
    """The id of a task of this floor."""
    return f"WT{number:032x}"


def task(number: int, topic: str = "sales", **more: Any) -> c.CreateTask:
    """A chat about a topic, in French."""
    given = {"topic": topic, "language": "fr", **more.pop("attributes", {})}
    return c.CreateTask(task_id(number), given, WORKFLOW, channel="chat", **more)


async def prepare(dispatch: Dispatch, *workers: c.PutWorker) -> None:
    """Opens the workspace as owner, configures it, puts the workers."""
    await dispatch.open(WORKSPACE, TENANT)
    await dispatch.ready(WORKSPACE, as_owner=True)
    for command in (CONFIGURATION, *workers):
        await dispatch.send(WORKSPACE, command)


def offer_of(outcome: Outcome) -> t.ReservationCreated:
    """The one offer a command led to."""
    (offer,) = outcome.only(t.ReservationCreated)
    assert isinstance(offer, t.ReservationCreated)
    return offer
