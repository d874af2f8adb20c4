"""The desk's socket, /api/v1/socket: who is it, what does his screen begin with, which conversations does he watch.

Frames from a desk besides those of the hub: {"type":"watch","conversation_id"} to hear of a conversation that is open on
screen but not his, {"type":"unwatch","conversation_id"}; {"type":"screen","foreground":bool} when it comes to the front or
leaves it, so that a person who looks is not pushed.
"""

from typing import Any

from starlette.websockets import WebSocket

from parlons.accounts import queries as accounts
from parlons.accounts import sessions
from parlons.accounts.model import Principal, Role
from parlons.accounts.rights import Right
from parlons.conversations import queries as conversations
from parlons.conversations.rights import Reader, check
from parlons.dispatch import queries as dispatch_queries
from parlons.dispatch.dispatch import Dispatch
from parlons.floor.queries import floor_parts
from parlons.kit.errors import Forbidden, Refusal, Unauthenticated
from parlons.runtime.db import Database
from parlons.runtime.hub import Hub
from parlons.runtime.rights import Rights
from parlons.runtime.socket import Socket
from parlons.team.queries import team_parts
from parlons.voice.calls import queries as call_queries

SIGNED_OUT, FORBIDDEN, TRY_AGAIN = 4401, 4403, 4503


async def desk_socket(websocket: WebSocket) -> None:
    """One desk's socket, from handshake to end."""
    state = websocket.app.state
    await websocket.accept()
    try:
        principal = await _caller(websocket)
        if not principal.may_call(Role.AGENT, "GET"):
            raise Forbidden
    except Refusal as refusal:
        codes = {Unauthenticated.status: SIGNED_OUT, Forbidden.status: FORBIDDEN}
        await websocket.close(codes.get(refusal.status, TRY_AGAIN))
        return
    desk = Desk(state.db, state.hub, state.dispatch, principal)
    await state.hub.serve(websocket, rights_of(principal), snapshot=desk.snapshot, on_message=desk.heard)


async def _caller(websocket: WebSocket) -> Principal:
    """Who he is: no right of his ends between the reading of it and his place among the sockets, where he would be told."""
    state = websocket.app.state
    while True:
        drops = state.hub.drops
        principal = await sessions.principal_of(websocket, state.db, state.clock())
        if state.hub.drops == drops:
            return principal


def rights_of(principal: Principal) -> Rights:
    """What a principal's socket may see."""
    return Rights(
        principal.tenant_id,
        principal.workspace_id,
        Role.SUPERVISOR if principal.may(Role.SUPERVISOR) else Role.AGENT,
        user_id=principal.user_id,
        worker_id=principal.worker_id,
        firm_ids=principal.firm_ids,
        queue_ids=principal.queue_ids,
        figures=principal.has(Right.FIGURES),
    )


def queues_of(dispatch: Dispatch, principal: Principal) -> frozenset[str] | None:
    """The queues a principal's worker belongs to: none when he has no worker; None while the router is being read in."""
    try:
        worker = dispatch.state(principal.workspace_id).workers.get(principal.worker_id or "")
    except Refusal:
        return None
    return frozenset(worker.queues) if worker is not None else frozenset()


def offered_to(dispatch: Dispatch, principal: Principal) -> frozenset[str]:
    """The conversations whose work a principal's worker holds or is offered."""
    try:
        state = dispatch.state(principal.workspace_id)
    except Refusal:
        return frozenset()
    worker = state.workers.get(principal.worker_id or "")
    held = worker.held.values() if worker is not None else ()
    return frozenset(one.task.conversation_id for one in held if one.task.conversation_id is not None)


class Desk:
    """What one signed-in person's screens ask of the server."""

    def __init__(self, db: Database, hub: Hub, dispatch: Dispatch, principal: Principal) -> None:
        self._db, self._hub, self._dispatch, self._principal = db, hub, dispatch, principal

    async def snapshot(self, _rights: Rights) -> tuple[int, dict[str, Any]]:
        """What a screen begins with, as of the returned sequence (rows may be newer: events repeat whole objects)."""
        principal = self._principal
        seq, routed = await self._dispatch.committed(
            principal.workspace_id,
            lambda stepper: dispatch_queries.snapshot(stepper, self._dispatch.users, principal),
        )
        async with self._db.transaction(principal.tenant_id) as tx:
            me = await accounts.me(tx, principal)
            shown = await conversations.snapshot(tx, self._reader())
            calls = await call_queries.snapshot(tx, principal)
            floor = await floor_parts(tx, principal, frozenset(routed["queues"]))
            team = await team_parts(tx, principal)
        mine = {
            "user_id": principal.user_id,
            "worker_id": principal.worker_id,
            "workspace_id": principal.workspace_id,
            "role": principal.role.value,
        }
        return seq, {"me": {**me, **mine}, **routed, "conversations": shown, "calls": calls, **floor, **team}

    async def heard(self, socket: Socket, message: dict[str, Any]) -> None:
        """A frame of the desk; what it may not have is passed by, as what is not there."""
        if message["type"] == "screen":
            socket.foreground = message.get("foreground") is not False
            return
        conversation_id = message.get("conversation_id")
        if not isinstance(conversation_id, str):
            return
        if message["type"] == "unwatch":
            if conversation_id in socket.rights.conversation_ids:
                self._hub.unwatch(socket, conversation_id)
        elif message["type"] == "watch" and len(socket.rights.conversation_ids) < 100:
            try:
                async with self._db.transaction(self._principal.tenant_id) as tx:
                    check(self._reader(), "read", await conversations.conversation(tx, conversation_id))
            except Refusal:
                return
            self._hub.watch(socket, conversation_id)

    def _reader(self) -> Reader:
        principal = self._principal
        return Reader(principal, queues_of(self._dispatch, principal), offered_to(self._dispatch, principal))
