"""The visitor's socket: /api/v1/webchat/{widget_key}/socket, carried by the same hub as the desks'.

Page: {"type":"hello","token"}, {"type":"typing"}, {"type":"screen","foreground"} (whether the visitor has it before him:
who looks is not notified), {"type":"pong"}. Server: {"type":"welcome","data":{conversation, messages}}
at each opening and whenever another conversation begins; then message.added {message}, message.read {number},
conversation.updated {conversation}, typing {name}, ping, resync (open again), revoked (the visit has ended). Every opening
begins with a welcome, so a page that was away misses nothing and asks for nothing.

Frames of the hub are turned into these here; what a visitor may not know does not pass.
"""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from parlons.channels.webchat import visits
from parlons.channels.webchat.errors import NoVisit, TooFast
from parlons.channels.webchat.lines import Line
from parlons.channels.webchat.model import Widget
from parlons.channels.webchat.origins import check_origin
from parlons.channels.webchat.queries import visitor_by_id
from parlons.channels.webchat.room import Room, address_of, room_of
from parlons.channels.webchat.views import first_name, message_view
from parlons.conversations import queries
from parlons.conversations.http_messages import tell_typing
from parlons.kit.errors import Refusal
from parlons.runtime.page_socket import PageSocket
from parlons.runtime.rights import VISITOR, Rights
from parlons.runtime.socket import Socket

REFUSED = 4003
LARGEST = 4096
SAYS = frozenset(
    {
        '{"type":"typing"}',
        '{"type":"pong"}',
        '{"type":"ping"}',
        '{"type":"screen","foreground":true}',
        '{"type":"screen","foreground":false}',
    }
)
"""Everything a page may say after its hello, letter by letter."""
Json = dict[str, Any]


class VisitorSocket:
    """The endpoint, as an ASGI app: Starlette gives plain functions a WebSocket of its own making."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One visitor's socket, from handshake to end."""
        websocket = _Page(scope, receive, send)
        room = room_of(websocket.app)
        try:
            widget = await room.widgets.find(websocket.path_params["widget_key"])
            check_origin(widget, websocket)
            room.limits.count("socket", address_of(websocket), room.clock())
        except Refusal:
            await websocket.close(REFUSED)
            return
        await websocket.accept()
        try:
            visitor_id = await _greeted(room, widget, websocket)
        except WebSocketDisconnect:
            return
        except NoVisit:
            await WebSocket.send_text(websocket, '{"type":"revoked"}')
            await websocket.close(REFUSED)
            return
        await _serve(room, widget, websocket, visitor_id)


async def _greeted(room: Room, widget: Widget, websocket: "_Page") -> str:
    """The visitor the first frame names."""
    text = await WebSocket.receive_text(websocket)
    try:
        hello = orjson.loads(text[:LARGEST])
    except orjson.JSONDecodeError:
        raise NoVisit from None
    token = hello.get("token") if isinstance(hello, dict) else None
    if not isinstance(token, str):
        raise NoVisit
    async with room.db.transaction(widget.tenant_id) as tx:
        return (await visits.visitor_of_token(tx, widget, token)).id


async def _serve(room: Room, widget: Widget, websocket: "_Page", visitor_id: str) -> None:
    rights = Rights(widget.tenant_id, widget.workspace_id, VISITOR, firm_ids=frozenset({widget.firm_id}))
    line: Line | None = None

    async def heard(socket: Socket, message: Json) -> None:
        nonlocal line
        match message["type"]:
            case "attach" if line is None:
                line = Line(widget, visitor_id, socket)
                room.lines.join(line)
            case "typing" if line is not None:
                await _typing(room, line)
            case "screen":
                socket.foreground = message["foreground"] is True

    async def snapshot(_: Rights) -> tuple[int | None, Any]:
        assert line is not None
        return None, await room.lines.snapshot(line)

    def stirred() -> None:
        if line is not None:
            room.lines.stir(line)

    websocket.stirred = stirred
    try:
        await room.hub.serve(websocket, rights, snapshot=snapshot, on_message=heard)
    finally:
        if line is not None:
            room.lines.quit(line)


async def _typing(room: Room, line: Line) -> None:
    try:
        room.limits.count("typing", line.visitor_id, room.clock())
    except TooFast:
        return
    async with room.db.transaction(line.widget.tenant_id) as tx:
        visitor = await visitor_by_id(tx, line.visitor_id)
        found = await queries.conversation(tx, visitor.conversation_id) if visitor and visitor.conversation_id else None
    if found is not None:
        tell_typing(room.hub, found, kind="customer", author_id=found.customer_id, name="")


class _Page(PageSocket):
    """The visitor's end of the wire, in the words above."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.stirred: Callable[[], None] = lambda: None

    def may_say(self, text: str) -> bool:
        """See `PageSocket`."""
        return text in SAYS

    def turned(self, frame: Json) -> Json | None:
        """See `PageSocket`."""
        match frame["type"]:
            case "snapshot":
                return {"type": "welcome", "data": frame["data"]}
            case "event":
                self.stirred()
                return _event(frame)
            case "ephemeral" if frame["event"] == "typing":
                return {"type": "typing", "data": {"name": first_name(frame["data"]["who"]["name"])}}
            case "ping" | "pong" | "resync" | "welcome" | "conversation.updated" | "revoked":
                return frame
            case _:
                return None


def _event(frame: Json) -> Json | None:
    data = frame["data"]
    match frame["event"]:
        case "message.added":
            return {"type": "message.added", "data": {"message": message_view(data["message"])}}
        case "message.read" if data.get("by") == "agent":
            return {"type": "message.read", "data": {"number": data["number"]}}
        case _:
            return None
