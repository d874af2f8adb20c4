"""What a call to a program's address says, and its signature as the clients' own validator expects it."""

from twilio.request_validator import RequestValidator

from parlons.compat import shapes_events as shapes
from parlons.compat.callbacks import form_of
from parlons.compat.outgoing import signature
from parlons.compat.shapes_events import Happened, Names
from parlons.routing import transitions as t


class Place:
    account = "AC" + "1" * 32
    workspace_id = "WS" + "1" * 32

    def url(self, *parts: str) -> str:
        return "/".join(("/v1/Workspaces", self.workspace_id, *parts))


NAMES = Names("Programs", {"WK1": "Ada"}, {"WQ1": "Night"}, {"WW1": "By night"}, {})


def test_the_validator_of_the_client_takes_our_signature() -> None:
    url, form = "https://example.org:8443/hook?a=b", {"EventType": "task.created", "B": "ä", "A": ""}
    assert RequestValidator("token").validate(url, form, signature("token", url, form))
    assert not RequestValidator("other").validate(url, form, signature("token", url, form))


def test_an_event_as_a_form() -> None:
    told = t.TaskCanceled(
        5_000, "WT1", "WQ1", "WW1", "default", None, None, reason="late", waited_ms=4000, in_queue_ms=1
    )
    data = shapes.data_of(Place(), Happened(7, told, None), NAMES, {"WT1": {"a": 1}})
    form = form_of(data)
    assert form["TaskSid"] == "WT1"
    assert form["TaskAttributes"] == '{"a":1}'
    assert (form["TaskAge"], form["TaskCanceledReason"], form["TaskAssignmentStatus"]) == ("4", "late", "canceled")
    assert (form["TaskQueueName"], form["WorkflowName"], form["WorkspaceName"]) == ("Night", "By night", "Programs")


def test_a_deleted_task_is_told_as_deleted() -> None:
    told = t.TaskCanceled(
        5_000, "WT1", None, None, "default", None, None, reason="Task deleted", waited_ms=0, in_queue_ms=0
    )
    assert shapes.kind_of(told) == "task.deleted"
    assert shapes.kind_of(t.WorkerReachableUpdated(1, "WK1", False)) is None
