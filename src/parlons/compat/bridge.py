"""Commands of the browser SDK: one POST each, `{"url", "method", "params", "token"}`, answered `{"payload": ...}`.

A worker's token reaches the worker himself, his reservations, the tasks he holds, the activities, and new tasks for himself; a
supervisor's reaches every worker, task and reservation of the workspace, and the queues. What is changed is changed by the
operations of the API; what is answered is read anew and shown as the SDK wants it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from parlons.accounts.http import keep_pace
from parlons.compat import shapes_bridge as shapes
from parlons.compat.access import SUPERVISOR, Grant, grant_of
from parlons.compat.call import TRUE, Call
from parlons.compat.checks import check_prefixes, check_rights, check_workspace
from parlons.compat.doors import BRIDGE, PRODUCTS, Door
from parlons.compat.errors import ApiError, absent, error_of, unknown
from parlons.compat.operations import Operation, find, names_of
from parlons.dispatch.stepper import Stepper
from parlons.kit.errors import Refusal
from parlons.runtime.safe_http import Allowed

Json = dict[str, Any]
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "apiversion, clientversion, content-type, if-match",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Max-Age": "7200",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-store",
}
"""The SDK runs in pages of the program's own origin; a token in the body signs in, never a cookie."""
PATH = PRODUCTS[BRIDGE]
_WS = "/v1/Workspaces/{WorkspaceSid}"
_TASKS = f"{_WS}/Tasks"
MOST = 1000
"""Items of one page."""


class Command(msgspec.Struct):
    """What a POST says."""

    url: str
    method: str
    token: str
    params: dict[str, Any] = msgspec.field(default_factory=dict)


async def answered(request: Request, door: Door) -> Response:
    """A POST, or what a browser asks before it."""
    request.scope["route"] = SimpleNamespace(path=PATH)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS)
    try:
        if door.path != PATH:
            raise unknown(door.path)
        if request.method != "POST":
            raise ApiError("Method not allowed", 405)
        payload = await _carried_out(request)
    except (ApiError, Refusal) as error:
        said = error_of(error) if isinstance(error, Refusal) else error
        return Response(msgspec.json.encode(said.body()), said.status, CORS | said.headers(), "application/json")
    return Response(msgspec.json.encode({"payload": payload}), 200, CORS, "application/json")


async def _carried_out(request: Request) -> Json:
    try:
        command = msgspec.json.decode(await request.body(), type=Command)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise ApiError("The body is a JSON object with url, method, params and token") from None
    state = request.app.state
    grant = await grant_of(state.db, command.token, state.clock())
    keep_pace(request, grant.principal)
    path = "/v1/" + command.url.strip("/").replace("/WorkerChannels", "/Channels")
    operations, variables = find(path)
    operation = operations.get(command.method)
    show = None if operation is None else COMMANDS.get((operation.method, operation.template))
    if operation is None or operation.answer is None or show is None:
        raise absent(f"{command.method[:10]} {command.url[:200]}")
    call = _call(request, grant, path, operation, variables, command)
    check_prefixes(path, operation, call.ids)
    check_rights(call.principal, operation, command.method)
    if call.workspace_id != grant.workspace_id:
        raise ApiError("The Access Token is for another Workspace", 403)
    await check_workspace(call, operation)
    await _check_reach(call, grant, operation)
    if command.method == "GET":
        return await _read(call, show)
    answer = await operation.answer(call)
    assert not isinstance(answer, bytes)  # sounds are not among the commands
    done = shapes.turned(answer or {})
    if operation.template == _TASKS:
        call.ids = {**call.ids, "Sid": done["sid"]}
    call.given = {}
    try:
        return await _read(call, show)
    except ApiError:  # ended by it: the API still shows it, the router has let it go
        return {**done, "version": int(call.answered["ETag"].strip('"'))}


def _call(
    request: Request, grant: Grant, path: str, operation: Operation, variables: list[str], command: Command
) -> Call:
    state = request.app.state
    ids = dict(zip(names_of(operation), variables, strict=True))
    seen = request.headers.get("if-match")
    return Call(
        db=state.db,
        dispatch=state.dispatch,
        clock=state.clock,
        principal=replace(grant.principal, workspace_id=ids.get("WorkspaceSid", "")),
        base="",
        path=path,
        ids=ids,
        given={name: [_text(name, value)] for name, value in command.params.items()},
        headers={} if seen is None else {"if-match": f'"{seen.strip(chr(34))}"'},
        allow=state.settings.http_allow or Allowed(),
        voice=state.voice,
    )


def _text(name: str, value: Any) -> str:
    """A parameter as a form would have it."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    if "\0" in text:
        raise ApiError(f"{name[:64]} holds a character that cannot be stored")
    return text


async def _check_reach(call: Call, grant: Grant, operation: Operation) -> None:
    """Raises 403 for what the token's role does not reach."""
    if grant.role == SUPERVISOR:
        return
    if operation.template.startswith(f"{_WS}/Workers/"):
        reached = grant.worker_id in (call.ids.get("WorkerSid"), call.ids.get("Sid"))
    elif operation.template == f"{_TASKS}/{{Sid}}":
        held = await call.look(lambda stepper: _tasks_of(stepper, grant.worker_id))
        reached = call.ids["Sid"] in held
    elif operation.template == _TASKS:
        reached = operation.method == "POST" and call.given.get("RoutingTarget") == [grant.worker_id]
    else:
        reached = operation.template == f"{_WS}/Activities"
    if not reached:
        raise ApiError("The Access Token does not reach so far", 403)


def _tasks_of(stepper: Stepper, worker_id: str) -> set[str]:
    worker = stepper.state.workers.get(worker_id)
    return set() if worker is None else {each.task.id for each in worker.held.values()}


# -- what is answered ----------------------------------------------------------------------------------------------------------


Show = Callable[[Call, Stepper], Json | None]


async def _read(call: Call, show: Show) -> Json:
    found: Json | None = await call.look(lambda stepper: show(call, stepper))
    if found is None:
        raise call.missing()
    return found


def _page(call: Call, items: Iterable[Json]) -> Json:
    """A page of a list, by ids: the SDK asks for what comes after the last one it has."""
    size, after = call.number("PageSize", 1, MOST) or MOST, call.text("AfterSid") or ""
    call.done()
    left = [each for each in sorted(items, key=lambda one: str(one["sid"])) if each["sid"] > after]
    return {"contents": left[:size], "after_sid": left[size - 1]["sid"] if len(left) > size else None}


def _activities(call: Call, stepper: Stepper) -> Json:
    return _page(call, (shapes.activity(call, each) for each in stepper.state.activities.values()))


def _workers(call: Call, stepper: Stepper) -> Json:
    name, activity, doing = call.text("FriendlyName"), call.text("ActivitySid"), call.text("ActivityName")
    found = (shapes.worker(call, stepper.state, each) for each in stepper.state.workers.values())
    wanted = {"friendly_name": name, "activity_sid": activity, "activity_name": doing}
    return _page(call, (each for each in found if all(value in (None, each[key]) for key, value in wanted.items())))


def _worker(call: Call, stepper: Stepper) -> Json | None:
    call.done()
    found = stepper.state.workers.get(call.ids["Sid"])
    return None if found is None else shapes.worker(call, stepper.state, found)


def _channels(call: Call, stepper: Stepper) -> Json | None:
    found = stepper.state.workers.get(call.ids["WorkerSid"])
    return None if found is None else _page(call, (shapes.channel(call, found, own) for own in found.channels.values()))


def _reservations(call: Call, stepper: Stepper) -> Json | None:
    """Those that are open: the SDK asks for no others."""
    worker = stepper.state.workers.get(call.ids["WorkerSid"])
    if (call.text("Active") or "true").lower() not in TRUE:
        raise ApiError("Only active reservations are listed here: Active is true")
    if worker is None:
        return None
    found = (_shown(call, stepper, each) for each in worker.held)
    return _page(call, (each for each in found if each is not None))


def _shown(call: Call, stepper: Stepper, reservation_id: str) -> Json | None:
    view = stepper.views.reservations.get(reservation_id)
    task = None if view is None else shapes.task(call, stepper, view.task_id, call.clock())
    return None if view is None or task is None else shapes.reservation(call, view, task)


def _reservation(call: Call, stepper: Stepper) -> Json | None:
    call.done()
    found = _shown(call, stepper, call.ids["Sid"])
    owner = call.ids.get("WorkerSid")
    return found if found is not None and owner in (None, found["worker_sid"]) else None


def _task(call: Call, stepper: Stepper) -> Json | None:
    call.done()
    return shapes.task(call, stepper, call.ids["Sid"], call.clock())


def _queues(call: Call, stepper: Stepper) -> Json:
    name = call.text("FriendlyName")
    found = (each.config for each in stepper.state.queues.values())
    return _page(call, (shapes.queue(call, stepper.state, each) for each in found if name in (None, each.name)))


def _queue(call: Call, stepper: Stepper) -> Json | None:
    call.done()
    found = stepper.state.queues.get(call.ids["Sid"])
    return None if found is None else shapes.queue(call, stepper.state, found.config)


COMMANDS: Mapping[tuple[str, str], Show] = {
    ("GET", f"{_WS}/Activities"): _activities,
    ("GET", f"{_WS}/Workers"): _workers,
    ("GET", f"{_WS}/Workers/{{Sid}}"): _worker,
    ("POST", f"{_WS}/Workers/{{Sid}}"): _worker,
    ("GET", f"{_WS}/Workers/{{WorkerSid}}/Channels"): _channels,
    ("GET", f"{_WS}/Workers/{{WorkerSid}}/Reservations"): _reservations,
    ("GET", f"{_WS}/Workers/{{WorkerSid}}/Reservations/{{Sid}}"): _reservation,
    ("POST", f"{_WS}/Workers/{{WorkerSid}}/Reservations/{{Sid}}"): _reservation,
    ("POST", _TASKS): _task,
    ("GET", f"{_TASKS}/{{Sid}}"): _task,
    ("POST", f"{_TASKS}/{{Sid}}"): _task,
    ("POST", f"{_TASKS}/{{TaskSid}}/Reservations/{{Sid}}"): _reservation,
    ("GET", f"{_WS}/TaskQueues"): _queues,
    ("GET", f"{_WS}/TaskQueues/{{Sid}}"): _queue,
}
"""By operation of the API: what shows the outcome."""
