"""Every operation of the API that is answered: its path, and who answers it. The matrix of the documents is made of this.

`None`: the API has it and this server has not; it answers 501 in the API's shape.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from parlons.compat import (
    applications,
    call_queues,
    call_recordings,
    calls,
    conferences,
    configured,
    events,
    reservations,
    statistics,
    tasks,
    workers,
    workspaces,
)
from parlons.compat.call import Call

Json = dict[str, Any]
Answer = Callable[[Call], Awaitable[Json | bytes | None]]
"""JSON, the bytes of a sound, or nothing."""
READ, WORK, CONFIGURE = "read", "work", "configure"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    template: str
    """As the API's description has it."""
    answer: Answer | None
    does: str = READ
    """What kind of act it is: `read`, `work` (tasks, reservations, workers' states) or `configure`."""


_WS = "/v1/Workspaces/{WorkspaceSid}"
_AC = "/2010-04-01/Accounts/{AccountSid}"
_CALLS, _CF = f"{_AC}/Calls/{{CallSid}}", f"{_AC}/Conferences/{{ConferenceSid}}"
_ABSENT = {
    f"{_AC}/IncomingPhoneNumbers/Local.json": "GET POST",
    f"{_AC}/IncomingPhoneNumbers/Mobile.json": "GET POST",
    f"{_AC}/IncomingPhoneNumbers/TollFree.json": "GET POST",
    f"{_CALLS}/Events.json": "GET",
    f"{_CALLS}/Recordings.json": "POST",
    f"{_CALLS}/Recordings/{{Sid}}.json": "POST",
    f"{_CF}/Recordings.json": "GET",
    f"{_CF}/Recordings/{{Sid}}.json": "GET POST DELETE",
    f"{_CALLS}/Notifications.json": "GET",
    f"{_CALLS}/Notifications/{{Sid}}.json": "GET",
    f"{_CALLS}/Payments.json": "POST",
    f"{_CALLS}/Payments/{{Sid}}.json": "POST",
    f"{_CALLS}/Siprec.json": "POST",
    f"{_CALLS}/Siprec/{{Sid}}.json": "POST",
    f"{_CALLS}/Streams.json": "POST",
    f"{_CALLS}/Streams/{{Sid}}.json": "POST",
    f"{_CALLS}/Transcriptions.json": "POST",
    f"{_CALLS}/Transcriptions/{{Sid}}.json": "POST",
    f"{_CALLS}/UserDefinedMessages.json": "POST",
    f"{_CALLS}/UserDefinedMessageSubscriptions.json": "POST",
    f"{_CALLS}/UserDefinedMessageSubscriptions/{{Sid}}.json": "DELETE",
}
"""Near to what is answered, and not available here."""


def _things(
    name: str, listed: Answer, made: Answer, one: Answer, changed: Answer, gone: Answer, does: str
) -> list[Operation]:
    """The five operations of a collection in a workspace."""
    return [
        Operation("GET", f"{_WS}/{name}", listed),
        Operation("POST", f"{_WS}/{name}", made, does),
        Operation("GET", f"{_WS}/{name}/{{Sid}}", one),
        Operation("POST", f"{_WS}/{name}/{{Sid}}", changed, does),
        Operation("DELETE", f"{_WS}/{name}/{{Sid}}", gone, does),
    ]


def _offers(under: str, owner: str) -> list[Operation]:
    return [
        Operation("GET", f"{_WS}/{under}/{{{owner}}}/Reservations", reservations.reservations),
        Operation("GET", f"{_WS}/{under}/{{{owner}}}/Reservations/{{Sid}}", reservations.reservation),
        Operation("POST", f"{_WS}/{under}/{{{owner}}}/Reservations/{{Sid}}", reservations.change_reservation, WORK),
    ]


OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/v1/Workspaces", workspaces.workspaces),
    Operation("POST", "/v1/Workspaces", workspaces.create_workspace, CONFIGURE),
    Operation("GET", "/v1/Workspaces/{Sid}", workspaces.workspace),
    Operation("POST", "/v1/Workspaces/{Sid}", workspaces.change_workspace, CONFIGURE),
    Operation("DELETE", "/v1/Workspaces/{Sid}", workspaces.remove_workspace, CONFIGURE),
    *_things(
        "Activities",
        configured.activities,
        configured.create_activity,
        configured.activity,
        configured.change_activity,
        configured.remove_activity,
        CONFIGURE,
    ),
    *_things(
        "TaskChannels",
        configured.channels,
        configured.create_channel,
        configured.channel,
        configured.change_channel,
        configured.remove_channel,
        CONFIGURE,
    ),
    *_things(
        "TaskQueues",
        configured.queues,
        configured.create_queue,
        configured.queue,
        configured.change_queue,
        configured.remove_queue,
        CONFIGURE,
    ),
    *_things(
        "Workflows",
        configured.workflows,
        configured.create_workflow,
        configured.workflow,
        configured.change_workflow,
        configured.remove_workflow,
        CONFIGURE,
    ),
    Operation("GET", f"{_WS}/Workers", workers.workers),
    Operation("POST", f"{_WS}/Workers", workers.create_worker, CONFIGURE),
    Operation("GET", f"{_WS}/Workers/{{Sid}}", workers.worker),
    Operation("POST", f"{_WS}/Workers/{{Sid}}", workers.change_worker, WORK),
    Operation("DELETE", f"{_WS}/Workers/{{Sid}}", workers.remove_worker, CONFIGURE),
    Operation("GET", f"{_WS}/Workers/{{WorkerSid}}/Channels", workers.worker_channels),
    Operation("GET", f"{_WS}/Workers/{{WorkerSid}}/Channels/{{Sid}}", workers.worker_channel),
    Operation("POST", f"{_WS}/Workers/{{WorkerSid}}/Channels/{{Sid}}", workers.change_worker_channel, WORK),
    *_things("Tasks", tasks.tasks, tasks.create_task, tasks.task, tasks.change_task, tasks.remove_task, WORK),
    *_offers("Tasks", "TaskSid"),
    *_offers("Workers", "WorkerSid"),
    Operation("GET", f"{_WS}/Events", events.events),
    Operation("GET", f"{_WS}/Events/{{Sid}}", events.event),
    Operation("GET", f"{_WS}/Statistics", statistics.statistics),
    Operation("GET", f"{_WS}/RealTimeStatistics", statistics.real_time),
    Operation("GET", f"{_WS}/CumulativeStatistics", statistics.cumulative),
    Operation("GET", f"{_WS}/Workers/Statistics", statistics.workers_statistics),
    Operation("GET", f"{_WS}/Workers/RealTimeStatistics", statistics.workers_real_time),
    Operation("GET", f"{_WS}/Workers/CumulativeStatistics", statistics.workers_cumulative),
    Operation("GET", f"{_WS}/Workers/{{WorkerSid}}/Statistics", statistics.worker_statistics),
    Operation("GET", f"{_WS}/TaskQueues/Statistics", statistics.queues_statistics),
    Operation("POST", f"{_WS}/TaskQueues/RealTimeStatistics", statistics.bulk),
    Operation("GET", f"{_WS}/TaskQueues/{{TaskQueueSid}}/Statistics", statistics.statistics),
    Operation("GET", f"{_WS}/TaskQueues/{{TaskQueueSid}}/RealTimeStatistics", statistics.real_time),
    Operation("GET", f"{_WS}/TaskQueues/{{TaskQueueSid}}/CumulativeStatistics", statistics.cumulative),
    Operation("GET", f"{_WS}/Workflows/{{WorkflowSid}}/Statistics", statistics.statistics),
    Operation("GET", f"{_WS}/Workflows/{{WorkflowSid}}/RealTimeStatistics", statistics.real_time),
    Operation("GET", f"{_WS}/Workflows/{{WorkflowSid}}/CumulativeStatistics", statistics.cumulative),
    Operation("GET", f"{_AC}/Applications.json", applications.applications),
    Operation("POST", f"{_AC}/Applications.json", applications.create_application, CONFIGURE),
    Operation("GET", f"{_AC}/Applications/{{Sid}}.json", applications.application),
    Operation("POST", f"{_AC}/Applications/{{Sid}}.json", applications.change_application, CONFIGURE),
    Operation("DELETE", f"{_AC}/Applications/{{Sid}}.json", applications.remove_application, CONFIGURE),
    Operation("GET", f"{_AC}/IncomingPhoneNumbers.json", applications.numbers),
    Operation("POST", f"{_AC}/IncomingPhoneNumbers.json", None, CONFIGURE),
    Operation("GET", f"{_AC}/IncomingPhoneNumbers/{{Sid}}.json", applications.number),
    Operation("POST", f"{_AC}/IncomingPhoneNumbers/{{Sid}}.json", applications.change_number, CONFIGURE),
    Operation("DELETE", f"{_AC}/IncomingPhoneNumbers/{{Sid}}.json", None, CONFIGURE),
    Operation("GET", f"{_AC}/Calls.json", calls.calls),
    Operation("POST", f"{_AC}/Calls.json", calls.create_call, WORK),
    Operation("GET", f"{_AC}/Calls/{{Sid}}.json", calls.call),
    Operation("POST", f"{_AC}/Calls/{{Sid}}.json", calls.change_call, WORK),
    Operation("DELETE", f"{_AC}/Calls/{{Sid}}.json", calls.remove_call, WORK),
    Operation("GET", f"{_AC}/Conferences.json", conferences.conferences),
    Operation("GET", f"{_AC}/Conferences/{{Sid}}.json", conferences.conference),
    Operation("POST", f"{_AC}/Conferences/{{Sid}}.json", conferences.change_conference, WORK),
    Operation("GET", f"{_CF}/Participants.json", conferences.participants),
    Operation("POST", f"{_CF}/Participants.json", conferences.invite, WORK),
    Operation("GET", f"{_CF}/Participants/{{CallSid}}.json", conferences.participant),
    Operation("POST", f"{_CF}/Participants/{{CallSid}}.json", conferences.change_participant, WORK),
    Operation("DELETE", f"{_CF}/Participants/{{CallSid}}.json", conferences.kick, WORK),
    Operation("GET", f"{_AC}/Queues.json", call_queues.queues),
    Operation("POST", f"{_AC}/Queues.json", call_queues.create_queue, WORK),
    Operation("GET", f"{_AC}/Queues/{{Sid}}.json", call_queues.queue),
    Operation("POST", f"{_AC}/Queues/{{Sid}}.json", call_queues.change_queue, WORK),
    Operation("DELETE", f"{_AC}/Queues/{{Sid}}.json", call_queues.remove_queue, WORK),
    Operation("GET", f"{_AC}/Queues/{{QueueSid}}/Members.json", call_queues.members),
    Operation("GET", f"{_AC}/Queues/{{QueueSid}}/Members/{{CallSid}}.json", call_queues.member),
    Operation("POST", f"{_AC}/Queues/{{QueueSid}}/Members/{{CallSid}}.json", call_queues.dequeue, WORK),
    Operation("GET", f"{_AC}/Recordings.json", call_recordings.recordings),
    Operation("GET", f"{_AC}/Recordings/{{Sid}}.json", call_recordings.recording),
    Operation("DELETE", f"{_AC}/Recordings/{{Sid}}.json", call_recordings.remove_recording, WORK),
    Operation("GET", f"{_AC}/Recordings/{{Sid}}.wav", call_recordings.sound),
    Operation("GET", f"{_CALLS}/Recordings.json", call_recordings.recordings),
    Operation("GET", f"{_CALLS}/Recordings/{{Sid}}.json", call_recordings.recording),
    Operation("DELETE", f"{_CALLS}/Recordings/{{Sid}}.json", call_recordings.remove_recording, WORK),
    *(Operation(method, path, None) for path, methods in _ABSENT.items() for method in methods.split()),
)


def parts_of(path: str) -> list[str]:
    """The parts of a path. Of the older version the ending is a part of its own, `.json` none."""
    if not path.startswith("/2010-04-01/"):
        return path.split("/")[1:]
    stem, dot, ending = path.rpartition(".")
    if not dot:  # the sound of a recording is also found without an ending
        stem, ending = path, "wav"
    return [*stem.split("/")[1:], *([] if ending == "json" else [ending])]


class _Node:
    """A place in the tree of paths."""

    __slots__ = ("here", "named", "variable")

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.here: dict[str, Operation] = {}


def _tree() -> _Node:
    root = _Node()
    for operation in OPERATIONS:
        node = root
        for part in parts_of(operation.template):
            if part.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.named.setdefault(part, _Node())
        node.here[operation.method] = operation
    return root


_ROOT = _tree()


def find(path: str) -> tuple[dict[str, Operation], list[str]]:
    """The operations at a path by method, and the variable parts; nothing when there are none."""
    node, variables = _ROOT, []
    for part in parts_of(path):
        below = node.named.get(part)
        if below is None and node.variable is not None and part:
            variables.append(part)
            below = node.variable
        if below is None:
            return {}, []
        node = below
    return node.here, variables


def names_of(operation: Operation) -> list[str]:
    """The names of the variable parts of an operation's path."""
    return [part[1:-1] for part in parts_of(operation.template) if part.startswith("{")]
