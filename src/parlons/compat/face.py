"""One request from door to answer: who calls, which operation, what went wrong, all in the API's own shape.

`Face` wraps the web application: what came by one of the doors is answered here, everything else passes. An operation on the
workspace of another tenant does not exist; a key that is bound to firms or queues cannot use this API, which knows neither.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from parlons.accounts.account_tokens import principal_of_basic
from parlons.accounts.http import keep_pace
from parlons.accounts.model import Principal
from parlons.compat import bridge, statistics
from parlons.compat.call import Call
from parlons.compat.checks import check_prefixes, check_rights, check_workspace
from parlons.compat.doors import BRIDGE, Door, door_of
from parlons.compat.errors import ApiError, absent, error_of, unknown
from parlons.compat.operations import Operation, find, names_of
from parlons.kit.errors import Refusal
from parlons.runtime.log import log
from parlons.runtime.safe_http import Allowed
from parlons.voice.calls.recordings import part

Json = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 200


class Face:
    """`app.add_middleware(Face)`: answers what came by a door of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        door = None
        if scope["type"] in ("http", "websocket"):
            host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
            door = door_of(host, scope["path"])
        if door is None:
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await scope["app"].state.bridge.serve(scope, receive, send, door)
            return
        answer = await _answered(Request(scope, receive), door)
        await answer(scope, receive, send)


async def _answered(request: Request, door: Door) -> Response:
    if door.product == BRIDGE:
        return await bridge.answered(request, door)
    try:
        return await _carried_out(request, door)
    except ApiError as error:
        return _refused(error)
    except Refusal as refusal:
        return _refused(error_of(refusal))


def _refused(error: ApiError) -> Response:
    headers = error.headers()
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="API"'
    if error.status == 501:
        log.info("compat.absent", what=error.message)
    return Response(msgspec.json.encode(error.body()), error.status, headers, "application/json")


async def _carried_out(request: Request, door: Door) -> Response:
    state = request.app.state
    try:
        principal = await principal_of_basic(state.db, request.headers.get("authorization", ""), state.clock())
    except Refusal as refusal:
        raise ApiError("Authenticate", refusal.status) if refusal.status == 401 else error_of(refusal) from None
    keep_pace(request, principal)
    operations, variables = find(door.path)
    if not operations:
        raise unknown(door.path)
    operation = operations.get(request.method)
    if operation is None:
        raise ApiError("Method not allowed", 405)
    request.scope["route"] = SimpleNamespace(path=operation.template)
    check_rights(principal, operation, request.method)
    call = await _call(request, door, principal, operation, variables)
    if call.ids.get("AccountSid", call.account) != call.account:
        raise unknown(door.path)
    if call.ids and call.workspace_id and "AccountSid" not in call.ids:
        await check_workspace(call, operation)
    if operation.answer is None:
        raise absent(f"{operation.method} {operation.template}")
    shown = await operation.answer(call)
    if shown is None:
        return Response(status_code=204, headers=call.answered)
    if isinstance(shown, bytes):
        return part(shown, request.headers.get("range"))
    made = request.method == "POST" and not operation.template.rpartition("/")[2].startswith("{")
    status = 201 if made and not operation.template.endswith("Statistics") else 200
    return Response(msgspec.json.encode(shown), status, call.answered, "application/json")


async def _call(request: Request, door: Door, principal: Principal, operation: Operation, variables: list[str]) -> Call:
    ids = dict(zip(names_of(operation), variables, strict=True))
    check_prefixes(door.path, operation, ids)
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
