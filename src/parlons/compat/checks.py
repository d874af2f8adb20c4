"""What every request satisfies before an operation sees it, by whichever door it came: rights, ids of the right kind, whose
workspace it is."""

import re
from collections.abc import Mapping

from parlons.accounts.model import Principal, Role
from parlons.compat import workspaces
from parlons.compat.call import Call
from parlons.compat.errors import ApiError, unknown
from parlons.compat.operations import CONFIGURE, READ, WORK, Operation, parts_of

_PREFIXES = {
    "WorkspaceSid": "WS", "TaskSid": "WT", "WorkerSid": "WK", "TaskQueueSid": "WQ", "WorkflowSid": "WW",
    "Activities": "WA", "TaskQueues": "WQ", "Workflows": "WW", "Workers": "WK", "Tasks": "WT", "Reservations": "WR",
    "Workspaces": "WS", "Events": "EV", "AccountSid": "AC", "CallSid": "CA", "ConferenceSid": "CF", "QueueSid": "QU",
    "Applications": "AP", "IncomingPhoneNumbers": "PN", "Calls": "CA", "Conferences": "CF", "Queues": "QU",
    "Recordings": "RE",
}  # fmt: skip
"""The first letters of an id in a path: by its name, or, called `Sid`, by the collection before it. Channels have names, too."""
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_LEAST = {READ: Role.SUPERVISOR, WORK: Role.SUPERVISOR, CONFIGURE: Role.ADMINISTRATOR}


def check_rights(principal: Principal, operation: Operation, method: str) -> None:
    """Raises 403 for a key whose scopes do not reach so far."""
    check_whole(principal)
    if not principal.may_call(_LEAST[operation.does], "GET" if operation.does == READ else method):
        raise ApiError("This key has no right to do this", 403)


def check_whole(principal: Principal) -> None:
    """Raises 403 for a key of some firms or queues: this API knows neither."""
    if principal.firm_ids is not None or principal.queue_ids is not None:
        raise ApiError("A key that is bound to firms or queues cannot use this API", 403)


def check_prefixes(path: str, operation: Operation, ids: Mapping[str, str]) -> None:
    """An id of another kind names nothing here."""
    parts = parts_of(operation.template)
    for name, value in ids.items():
        if "Participants" in parts and (name == "CallSid" or operation.does == WORK):
            continue  # or a label, or a conference that is made by its name
        if "Members" in parts and value == "Front":
            continue  # whoever waits first
        kind = _PREFIXES.get(parts[parts.index("{Sid}") - 1]) if name == "Sid" else _PREFIXES.get(name)
        if kind is not None and (not value.startswith(kind) or _SID.fullmatch(value) is None):
            raise unknown(path)


async def check_workspace(call: Call, operation: Operation) -> None:
    """Raises 404 for a workspace of somebody else; the desk's own is worked in here, and set up there."""
    await workspaces.served(call)
    if operation.does == CONFIGURE and await workspaces.check_own(call):
        raise ApiError("The desk's own Workspace is set up in the desk's settings; create one for this API", 403)
