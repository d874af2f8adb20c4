"""The official client calls every operation that is answered; the page of compatibility says exactly that."""

import json
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from parlons.compat.operations import OPERATIONS, find
from tests.app.existing_client import Seen
from tests.app.published import faults, fetched
from tools.compatibility import PAGE, PYTHON, check_ran, page


class Body:
    """What the client takes for a JSON body."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def to_dict(self) -> dict[str, Any]:
        return self.fields


def configured(here: Any) -> None:
    """Everything that is configured: made, listed, read, changed, taken away."""
    made = here.activities.create(friendly_name="Break")
    assert here.activities(made.sid).update(friendly_name="Pause").friendly_name == "Pause"
    assert here.activities(made.sid).fetch().available is False
    assert here.activities(made.sid).delete()
    channel = here.task_channels.create(friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    assert here.task_channels("fax").fetch().sid == channel.sid
    assert here.task_channels(channel.sid).update(friendly_name="Old fax").friendly_name == "Old fax"
    assert len(here.task_channels.list()) == 6
    assert here.task_channels(channel.sid).delete()
    queue = here.task_queues.create(friendly_name="Night", target_workers="night == true", task_order="LIFO")
    changed = here.task_queues(queue.sid).update(max_reserved_workers=3, target_workers="1==1")
    assert (changed.max_reserved_workers, changed.target_workers, changed.task_order) == (3, "1==1", "LIFO")
    assert here.task_queues(queue.sid).fetch().date_updated is not None
    assert [each.sid for each in here.task_queues.list(friendly_name="Night")] == [queue.sid]
    routing = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}})
    way = here.workflows.create(
        friendly_name="By night", configuration=routing, assignment_callback_url="https://1.2.3.4/assign"
    )
    assert way.assignment_callback_url == "https://1.2.3.4/assign"
    assert here.workflows(way.sid).update(task_reservation_timeout=30).task_reservation_timeout == 30
    assert json.loads(here.workflows(way.sid).fetch().configuration) == json.loads(routing)
    assert [each.sid for each in here.workflows.list(friendly_name="By night")] == [way.sid]
    with pytest.raises(TwilioRestException):
        here.task_queues(queue.sid).delete()
    assert here.workflows(way.sid).delete()
    assert here.task_queues(queue.sid).delete()


def work(here: Any) -> None:
    """Workers, tasks and reservations."""
    (ready,) = here.activities.list(friendly_name="Available")
    worker = here.workers.create(friendly_name="Ada", activity_sid=ready.sid, attributes='{"night": true}')
    assert here.workers(worker.sid).update(friendly_name="Ada L.", attributes='{"night": false}').available is True
    assert json.loads(here.workers(worker.sid).fetch().attributes) == {"night": False}
    assert len(here.workers(worker.sid).worker_channels.list()) == 5
    room = here.workers(worker.sid).worker_channels("default").update(capacity=3)
    assert here.workers(worker.sid).worker_channels(room.sid).fetch().configured_capacity == 3
    assert here.workers.list(activity_name="Available", available="true", task_queue_name="Sample Queue")
    assert here.workers.list(available="false") == []
    first = here.tasks.create(attributes='{"night": true}', priority=2, task_channel="default")
    second = here.tasks.create(attributes="{}", routing_target=worker.sid)
    assert here.tasks(second.sid).fetch().routing_target == worker.sid
    assert here.tasks(first.sid).update(priority=9, attributes='{"night": false}').priority == 9
    assert [each.sid for each in here.tasks.list(evaluate_task_attributes="night == false")] == [first.sid]
    assert [each.sid for each in here.tasks.list(ordering="Priority:desc")] == [first.sid, second.sid]
    (offer,) = here.tasks(first.sid).reservations.list(reservation_status="pending")
    assert here.tasks(first.sid).reservations(offer.sid).fetch().worker_sid == worker.sid
    assert here.tasks(first.sid).reservations(offer.sid).update(instruction="accept").reservation_status == "accepted"
    with pytest.raises(TwilioRestException) as absent:
        here.tasks(second.sid).reservations(offer.sid).update(instruction="dequeue", dequeue_from="+33199000000")
    assert absent.value.status == 404, "that reservation is another task's"
    offers = here.workers(worker.sid).reservations.list(reservation_status="pending")
    mine = here.workers(worker.sid).reservations(offers[0].sid)
    with pytest.raises(TwilioRestException) as absent:
        mine.update(instruction="call", call_from="+33199000000", call_url="https://example.org/")
    assert (absent.value.status, absent.value.code) == (400, 20001), "a worker without contact_uri"
    with pytest.raises(TwilioRestException) as absent:
        here.tasks(second.sid).reservations(offers[0].sid).update(instruction="supervise", supervisor=worker.sid)
    assert (absent.value.status, absent.value.code) == (400, 20001), "nobody talks yet"
    assert mine.fetch().reservation_status == "pending"
    assert mine.update(reservation_status="accepted").reservation_status == "accepted"
    assert mine.update(reservation_status="wrapping").reservation_status == "wrapping"
    assert here.tasks(second.sid).fetch().assignment_status == "wrapping"
    assert mine.update(reservation_status="completed").reservation_status == "completed"
    figures(here)
    assert here.tasks(first.sid).delete()
    assert here.cumulative_statistics().fetch().tasks_deleted == 1
    assert here.workers(worker.sid).delete()


def figures(here: Any) -> None:
    """Statistics and events."""
    here.statistics().fetch(minutes=5, task_channel="default")
    here.real_time_statistics().fetch()
    here.cumulative_statistics().fetch(split_by_wait_time="5,10")
    (queue,) = here.task_queues.list()
    (way,) = here.workflows.list()
    here.task_queues.statistics.list()
    assert here.task_queues(queue.sid).statistics().fetch().realtime["total_tasks"] == 1
    assert here.task_queues(queue.sid).real_time_statistics().fetch().tasks_by_status["assigned"] == 1
    here.task_queues(queue.sid).cumulative_statistics().fetch()
    bulk = here.task_queues.bulk_real_time_statistics.create(body=Body({"TaskQueueSids": [queue.sid]}))
    assert bulk.task_queue_response_count == 1
    here.workflows(way.sid).statistics().fetch()
    here.workflows(way.sid).real_time_statistics().fetch()
    here.workflows(way.sid).cumulative_statistics().fetch()
    (worker,) = here.workers.list()
    assert here.workers.statistics().fetch(task_queue_sid=queue.sid).realtime["total_workers"] == 1
    here.workers.real_time_statistics().fetch()
    assert here.workers.cumulative_statistics().fetch().reservations_accepted == 2
    assert here.workers(worker.sid).statistics().fetch().cumulative["reservations_accepted"] == 2
    told = here.events.list(event_type="reservation.created", worker_sid=worker.sid)
    assert len(told) == 2
    again = here.events(told[0].sid).fetch()
    assert (again.resource_sid, again.event_data["worker_name"]) == (told[0].resource_sid, "Ada L.")


def template_of(seen: Seen) -> str:
    """The operation a request was for."""
    found, _ = find(seen.path)
    return f"{seen.method} {found[seen.method].template}"


def wrong(described: Any, all_seen: list[Seen]) -> dict[str, list[str]]:
    """What answers have that the description has not, or otherwise, by operation."""
    found = {}
    for each in all_seen:
        if each.status < 300:
            method, _, template = template_of(each).partition(" ")
            body = json.loads(each.text) if each.text else None
            if differs := faults(described, method, template, each.status, body):
                found[f"{method} {template}"] = differs
    return found


def described_operations(described: Any) -> set[str]:
    """Every operation of a description."""
    return {
        f"{method.upper()} {path}"
        for path, item in described["paths"].items()
        for method in item
        if method in ("get", "post", "delete", "put", "patch")
    }


def test_every_answered_operation_is_called_by_the_client_and_answers_as_published(api: Client, tmp_path: Path) -> None:
    made = api.taskrouter.v1.workspaces.create(friendly_name="Tour", template="FIFO", prioritize_queue_order="LIFO")
    assert (made.prioritize_queue_order, made.multi_task_enabled) == ("LIFO", True)
    assert made.sid in [each.sid for each in api.taskrouter.v1.workspaces.list()]
    here = api.taskrouter.v1.workspaces(made.sid)
    assert here.update(friendly_name="Grand tour", multi_task_enabled=False).friendly_name == "Grand tour"
    assert here.update(multi_task_enabled=True).multi_task_enabled is True
    assert here.update(events_filter="task.created,task.deleted").events_filter == "task.created,task.deleted"
    assert here.fetch().timeout_activity_name == "Offline"
    configured(here)
    work(here)
    assert here.delete()
    check_ran(PYTHON, [(each.method, each.path) for each in api.http_client.seen if each.status < 300])
    called = {template_of(each) for each in api.http_client.seen if each.status < 300}
    routing = [each for each in OPERATIONS if each.template.startswith("/v1/")]
    answered = {f"{each.method} {each.template}" for each in routing if each.answer is not None}
    assert answered - called == set()
    described = fetched(tmp_path)
    assert wrong(described, api.http_client.seen) == {}
    assert described_operations(described) == {f"{each.method} {each.template}" for each in routing}
    assert page() == PAGE.read_text(), "run python -m tools.compatibility"
