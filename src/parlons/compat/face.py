"""One request from door to answer: who calls, which operation, what went wrong, all in the API's own shape.

`Face` wraps the web application: what came by one of the doors is answered here, everything else passes. An operation on the
workspace of another tenant does not exist; a key that is bound to firms or queues cannot use this API, which knows neither.
"""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from parlons.accounts.account_tokens import principal_of_basic
from parlons.accounts.model import Principal, Role
from parlons.compat import statistics, workspaces
from parlons.compat.call import Call
from parlons.compat.doors import Door, door_of
from parlons.compat.errors import ApiError, absent, error_of, unknown
from parlons.compat.operations import CONFIGURE, READ, WORK, Operation, find, names_of, parts_of
from parlons.kit.errors import Refusal
from parlons.runtime.log import log
from parlons.runtime.safe_http import Allowed

Json = dict[str, Any]
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
_FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 200


class Face:
    """`app.add_middleware(Face)`: answers what came by a door of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        door = None
        if scope["type"] == "http":
            host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
            door = door_of(host, scope["path"])
        if door is None:
            await self._app(scope, receive, send)
            return
        answer = await _answered(Request(scope, receive), door)
        await answer(scope, receive, send)


async def _answered(request: Request, door: Door) -> Response:
    try:
        return await _carried_out(request, door)
    except ApiError as error:
        return _refused(error)
    except Refusal as refusal:
        return _refused(error_of(refusal))


def _refused(error: ApiError) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="API"'} if error.status == 401 else {}
    if error.status in (429, 503):
        headers["Retry-After"] = "1"
    if error.status == 501:
        log.info("compat.absent", what=error.message)
    return Response(msgspec.json.encode(error.body()), error.status, headers, "application/json")


async def _carried_out(request: Request, door: Door) -> Response:
    state = request.app.state
    try:
        principal = await principal_of_basic(state.db, request.headers.get("authorization", ""), state.clock())
    except Refusal as refusal:
        raise ApiError("Authenticate", refusal.status) if refusal.status == 401 else error_of(refusal) from None
    operations, variables = find(door.path)
    if not operations:
        raise unknown(door.path)
    operation = operations.get(request.method)
    if operation is None:
        raise ApiError("Method not allowed", 405)
    request.scope["route"] = SimpleNamespace(path=operation.template)
    _check_rights(principal, operation, request.method)
    call = await _call(request, door, principal, operation, variables)
    if call.ids.get("AccountSid", call.account) != call.account:
        raise unknown(door.path)
    if call.ids and call.workspace_id and "AccountSid" not in call.ids:
        await workspaces.served(call)
        await _check_desk(call, operation)
    if operation.answer is None:
        raise absent(f"{operation.method} {operation.template}")
    shown = await operation.answer(call)
    if shown is None:
        return Response(status_code=204, headers=call.answered)
    made = request.method == "POST" and not operation.template.rpartition("/")[2].startswith("{")
    status = 201 if made and not operation.template.endswith("Statistics") else 200
    return Response(msgspec.json.encode(shown), status, call.answered, "application/json")


def _check_rights(principal: Principal, operation: Operation, method: str) -> None:
    if principal.firm_ids is not None or principal.queue_ids is not None:
        raise ApiError("A key that is bound to firms or queues cannot use this API", 403)
    if not principal.may_call(_LEAST[operation.does], "GET" if operation.does == READ else method):
        raise ApiError("This key has no right to do this", 403)


async def _call(request: Request, door: Door, principal: Principal, operation: Operation, variables: list[str]) -> Call:
    ids = dict(zip(names_of(operation), variables, strict=True))
    _check_prefixes(door, operation, ids)
    workspace_id = ids.get("WorkspaceSid") or (ids["Sid"] if operation.template == "/v1/Workspaces/{Sid}" else "")
    if "AccountSid" in ids:  # calls are the desk's, whose workspace the key is of
        workspace_id = principal.workspace_id
    given, json = await _parameters(request)
    if json is not None and operation.answer is not statistics.bulk:
        raise ApiError(f"The body must be {_FORM}", 415)
    state = request.app.state
    url = request.url
    return Call(
        db=state.db,
        dispatch=state.dispatch,
        clock=state.clock,
        principal=replace(principal, workspace_id=workspace_id),
        desk_id=principal.workspace_id,
        base=f"{url.scheme}://{url.netloc}{door.prefix}",
        path=door.path,
        ids=ids,
        given=given,
        headers=request.headers,
        allow=state.settings.http_allow or Allowed(),
        voice=state.voice,
        json=json,
    )


def _check_prefixes(door: Door, operation: Operation, ids: dict[str, str]) -> None:
    """An id of another kind names nothing here."""
    parts = parts_of(operation.template)
    for name, value in ids.items():
        if "Participants" in parts and (name == "CallSid" or operation.does == WORK):
            continue  # or a label, or a conference that is made by its name
        kind = _PREFIXES.get(parts[parts.index("{Sid}") - 1]) if name == "Sid" else _PREFIXES.get(name)
        if kind is not None and (not value.startswith(kind) or _SID.fullmatch(value) is None):
            raise unknown(door.path)


async def _parameters(request: Request) -> tuple[dict[str, list[str]], Any]:
    """The parameters of the query and of the form; a JSON body apart, for the one operation that has one."""
    given = _parsed(request.url.query)
    body = await request.body()
    if not body:
        return given, None
    kind = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            return given, msgspec.json.decode(body)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise ApiError("The body is not valid JSON") from None
    if kind != _FORM:
        raise ApiError(f"The body must be {_FORM}", 415)
    try:
        return {**given, **_parsed(body.decode())}, None
    except UnicodeDecodeError:
        raise ApiError("The body is not UTF-8") from None


def _parsed(text: str) -> dict[str, list[str]]:
    try:
        found = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise ApiError("There are too many parameters") from None
    if any("\0" in value for values in found.values() for value in values):
        raise ApiError("A parameter holds a character that cannot be stored")
    return found


async def _check_desk(call: Call, operation: Operation) -> None:
    """The desk's own workspace is worked in here, and set up there."""
    if operation.does == CONFIGURE and await workspaces.check_own(call):
        raise ApiError("The desk's own Workspace is set up in the desk's settings; create one for this API", 403)
