"""The socket of the browser SDK: what happens to one worker, his reservations and their tasks, as it is committed.

A session lasts as long as its token, and ends within a heartbeat when the key, the worker or the workspace is gone. It tells no
past: after a dropped socket the SDK reads everything anew. Each process tells of what it hears as owner or as standby."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from parlons.compat import shapes_bridge as shapes
from parlons.compat import workspaces
from parlons.compat.access import Grant, grant_of
from parlons.compat.bridge import PATH
from parlons.compat.call import Call
from parlons.compat.doors import Door
from parlons.compat.errors import ApiError, error_of, unknown
from parlons.compat.shapes_configured import Unasked
from parlons.dispatch.batch import Batch
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.views import Step
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.runtime.journal import Entry
from parlons.runtime.log import log

Json = dict[str, Any]
HEARTBEAT = 15.0
"""Seconds; the SDK closes after 30 of silence."""
WAITING = 1000
"""Events a slow reader may be behind; then he is closed, and begins anew."""
AWAY = 30.0
"""Seconds after the last socket of a worker who asked to be set offline then; a reconnection takes less."""
EXPIRED, REPLACED, BEHIND, GONE = 4401, 4409, 4413, 0
_ENDED = (
    t.ReservationCompleted,
    t.ReservationRejected,
    t.ReservationTimeout,
    t.ReservationCanceled,
    t.ReservationRescinded,
)
_TOLD_OF_TASKS = (t.TaskUpdated, t.TaskCanceled, t.TaskCompleted, t.TaskWrapup)
_TOLD_OF_CHANNELS = (t.WorkerCapacityUpdated, t.WorkerChannelAvailabilityUpdated)


class Session:
    """One open socket."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.place = Unasked(grant.principal.tenant_id, grant.workspace_id)
        self.tasks: dict[str, Json] = {}
        """Of the reservations he was told of and that are open, as they were last shown."""
        self.owed: asyncio.Queue[Json | None] = asyncio.Queue(WAITING)
        self.code = 1000
        """Why it is closed."""

    def close(self, code: int) -> None:
        """Ends it, after what he is owed already as far as there is room."""
        self.code = code
        if self.owed.full():
            self.owed.get_nowait()
        self.owed.put_nowait(None)

    def tell(self, kind: str, payload: Json) -> None:
        """Owes him an event."""
        if self.owed.qsize() >= WAITING - 1:
            self.close(BEHIND)
            return
        self.owed.put_nowait({"event_type": kind, "payload": payload})

    def begin(self, stepper: Stepper, now: int) -> None:
        """Whom he is, and the work he holds already."""
        worker = stepper.state.workers.get(self.grant.worker_id)
        for one in worker.held.values() if worker is not None else ():
            shown = shapes.task(self.place, stepper, one.task.id, now)
            if shown is not None:
                self.tasks[one.task.id] = shown
        self.tell("init", {
            "channel_id": self.grant.worker_id,
            "account_sid": self.place.account,
            "workspace_sid": self.place.workspace_id,
            "token_lifetime": self.grant.expires_at - now,
        })  # fmt: skip

    def see(self, step: Step, stepper: Stepper) -> None:
        """One step of the router: what of it is his."""
        for told in step.transitions:
            if getattr(told, "worker_id", None) == self.grant.worker_id and not isinstance(told, t._OfTask):
                self._worker(told, stepper)
            elif isinstance(told, t._OfReservation) and told.worker_id == self.grant.worker_id:
                self._reservation(told, step, stepper)
            elif isinstance(told, _TOLD_OF_TASKS) and told.task_id in self.tasks:
                shown = self._task(told.task_id, step, stepper)
                if shown is not None:
                    self.tell(told.type, shown)

    def _worker(self, told: t.Transition, stepper: Stepper) -> None:
        worker = stepper.state.workers.get(self.grant.worker_id)
        if worker is None:
            return
        if isinstance(told, t.WorkerActivityUpdated | t.WorkerAttributesUpdated):
            self.tell(told.type, shapes.worker(self.place, stepper.state, worker))
        elif isinstance(told, _TOLD_OF_CHANNELS) and told.channel in worker.channels:
            self.tell(told.type, shapes.channel(self.place, worker, worker.channels[told.channel]))

    def _reservation(self, told: t._OfReservation, step: Step, stepper: Stepper) -> None:
        view, task = step.reservations.get(told.reservation_id), self._task(told.task_id, step, stepper)
        if view is not None and task is not None:
            self.tell(told.type, shapes.reservation(self.place, view, task))
        if isinstance(told, _ENDED):
            self.tasks.pop(told.task_id, None)

    def _task(self, task_id: str, step: Step, stepper: Stepper) -> Json | None:
        """The task as this step left it; None: it came and went before he could be told."""
        shown = shapes.task(self.place, stepper, task_id, stepper.now) or self.tasks.get(task_id)
        if shown is None:
            return None
        self.tasks[task_id] = shown
        view = step.tasks.get(task_id)
        return shown if view is None else shapes.stood(shown, view)


class Bridge:
    """The sessions of one process."""

    def __init__(self, dispatch: Dispatch, *, heartbeat: float = HEARTBEAT, away: float = AWAY) -> None:
        self._dispatch = dispatch
        self._heartbeat, self._away = heartbeat, away
        self._sessions: dict[str, dict[str, list[Session]]] = {}
        """By workspace and worker."""
        self._going: set[asyncio.Task[None]] = set()
        dispatch.watch(self._committed)

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        workers = self._sessions.get(workspace_id)
        if not workers:
            return
        try:
            stepper = self._dispatch.stepper(workspace_id)
        except Refusal:  # the seat is being left; its sessions end at their next heartbeat
            return
        for session in [each for sessions in workers.values() for each in sessions]:
            for step in batch.steps:
                session.see(step, stepper)

    async def serve(self, scope: Scope, receive: Receive, send: Send, door: Door) -> None:
        """One socket, from handshake to end."""
        socket = WebSocket(scope, receive, send)
        try:
            if door.path != PATH:
                raise unknown(door.path)
            grant = await _admitted(socket)
            session = await self._opened(socket, grant)
        except (ApiError, Refusal) as error:
            said = error_of(error) if isinstance(error, Refusal) else error
            await socket.send_denial_response(
                Response(msgspec.json.encode(said.body()), said.status, media_type="application/json")
            )
            return
        mine = self._sessions[grant.workspace_id][grant.worker_id]
        try:
            await socket.accept()
            await _told(socket, session, self._heartbeat)
        finally:
            mine.remove(session)
            if not mine:
                self._sessions[grant.workspace_id].pop(grant.worker_id, None)
                if socket.query_params.get("setWorkerOfflineIfDisconnected") == "true":
                    going = asyncio.create_task(self._gone(grant), name="bridge worker gone")
                    self._going.add(going)
                    going.add_done_callback(self._going.discard)

    async def _opened(self, socket: WebSocket, grant: Grant) -> Session:
        session = Session(grant)
        now = socket.app.state.clock()
        alone = socket.query_params.get("closeExistingSessions") == "true"

        def begin(stepper: Stepper) -> None:
            # Found only now: while the commit was awaited the last of his sockets may have ended, and the list with it.
            mine = self._sessions.setdefault(grant.workspace_id, {}).setdefault(grant.worker_id, [])
            for other in mine if alone else ():
                other.close(REPLACED)
            session.begin(stepper, now)
            mine.append(session)

        await self._dispatch.committed(grant.workspace_id, begin)
        return session

    async def _gone(self, grant: Grant) -> None:
        """Sets a worker offline whose sockets are all gone and stay so."""
        await asyncio.sleep(self._away)
        if self._sessions.get(grant.workspace_id, {}).get(grant.worker_id):
            return
        with contextlib.suppress(Refusal):
            activity = self._dispatch.state(grant.workspace_id).settings.timeout_activity_id
            if activity is not None:
                command = c.SetActivity(grant.worker_id, activity)
                await self._dispatch.send(grant.workspace_id, command, actor=grant.principal.actor)


async def _admitted(socket: WebSocket) -> Grant:
    """Whom the socket's token names; raises ApiError when it is not, or no more, good for anything."""
    state = socket.app.state
    grant = await grant_of(state.db, socket.query_params.get("token", ""), state.clock())
    call = Call(state.db, state.dispatch, state.clock, grant.principal, "", "", ids={}, given={}, headers={})
    await workspaces.served(call)
    if not await call.look(lambda stepper: grant.worker_id in stepper.state.workers):
        raise unknown(f"/Workers/{grant.worker_id[:34]}")
    return grant


async def _told(socket: WebSocket, session: Session, heartbeat: float) -> None:
    """Events as they come, and a heartbeat where there are none; looks now and then whether the token still holds."""
    listening = asyncio.create_task(_listen(socket, session), name="bridge listening")
    checked = time.monotonic()
    try:
        while True:
            event: Json | None = {}
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, checked + heartbeat - time.monotonic())):
                    event = await session.owed.get()
            if event is None:
                break
            if not event:
                checked = time.monotonic()
                if not await _holds(socket):
                    session.code = EXPIRED
                    break
            await socket.send_text(msgspec.json.encode(event).decode() if event else " ")
        if session.code != GONE:
            await socket.close(session.code)
    except WebSocketDisconnect:
        pass
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _holds(socket: WebSocket) -> bool:
    try:
        await _admitted(socket)
    except ApiError as error:
        log.info("compat.bridge_ended", code=error.code)
        return False
    except Unavailable:
        return True  # the database is away: asked again at the next heartbeat
    return True


async def _listen(socket: WebSocket, session: Session) -> None:
    """The SDK says nothing here; what is heard is that it went."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    session.close(GONE)
