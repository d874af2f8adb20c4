"""The customer's page beside a call: /api/v1/webcall/calls/{call_id}/beside, carried by the same hub as the desks'.

Page: {"type":"hello","token"}, then {"type":"video","signal":{...}}, {"type":"text","text"}, {"type":"line","text","client_id"},
{"type":"pong"}. Server: {"type":"welcome","data":{agent_name, language, state, ice_servers, messages}} at each opening, then
video, text, message {message}, ping, resync (open again), replaced (a newer page is beside the call), over (the call is).

Who is beside a call sees the messages written since it began, and no other of the conversation.
"""

from typing import Any

import orjson
from pydantic import ValidationError
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from parlons.accounts.throttle import Throttle
from parlons.conversations import queries as conversations
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author
from parlons.conversations.views import message_json
from parlons.customers import queries as customers
from parlons.kit.clock import to_iso
from parlons.kit.errors import Refusal, TooMany
from parlons.runtime.page_socket import PageSocket
from parlons.runtime.rights import VISITOR, Rights
from parlons.runtime.socket import Socket
from parlons.voice.calls.beside import TALKS, Beside, first_name
from parlons.voice.calls.frames import PAGE_FRAME, LineFrame, TextFrame, VideoFrame
from parlons.voice.calls.http_beside import beside_of
from parlons.voice.calls.model import Call
from parlons.voice.calls.voice import Voice

REFUSED = 4003
LARGEST = 40_000
PER_MINUTE = 60
"""Openings of one address in a minute."""
CHANNEL = "webchat"
SAID = ("video", "text", "line", "ping", "pong")
Json = dict[str, Any]


class BesideSocket:
    """The endpoint, as an ASGI app: Starlette gives plain functions a WebSocket of its own making."""

    def __init__(self) -> None:
        self._openings = Throttle(PER_MINUTE, 60_000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One page's socket, from handshake to end."""
        websocket = _Page(scope, receive, send)
        state, call_id = websocket.app.state, str(websocket.path_params["call_id"])
        voice: Voice | None = getattr(state, "voice", None)
        try:
            self._openings.attempt(websocket.client.host if websocket.client else "unknown", state.clock())
        except TooMany:
            voice = None
        await websocket.accept()
        try:
            token = await _token(websocket)
            if voice is None or token is None:
                return await websocket.close(REFUSED)
            call = await voice.beside(call_id, token)
        except WebSocketDisconnect:
            return None
        except Refusal:
            await WebSocket.send_text(websocket, '{"type":"over"}')
            return await websocket.close(REFUSED)
        return await _Side(state, voice, call, token, websocket).serve()


async def _token(websocket: "_Page") -> str | None:
    """What the first frame proves the page with."""
    text = await WebSocket.receive_text(websocket)
    try:
        hello = orjson.loads(text[:1000])
    except orjson.JSONDecodeError:
        return None
    token = hello.get("token") if isinstance(hello, dict) else None
    return token if isinstance(token, str) else None


class _Side:
    """One page beside one call."""

    def __init__(self, state: Any, voice: Voice, call: Call, token: str, websocket: "_Page") -> None:
        self.state, self.voice, self.call, self.token, self.websocket = state, voice, call, token, websocket
        self.beside: Beside = beside_of(state)
        self.socket: Socket | None = None

    async def serve(self) -> None:
        call = self.call
        self.websocket.since = to_iso(call.started_at)
        rights = Rights(call.tenant_id, call.workspace_id, VISITOR)
        try:
            await self.state.hub.serve(self.websocket, rights, snapshot=self._welcome, on_message=self._heard)
        finally:
            if self.socket is not None:
                self.beside.quit(self.call, self.socket)

    async def _now(self) -> Call:
        """The call as it is now; raises UnknownCall once it is over."""
        self.call = await self.voice.beside(self.call.id, self.token)
        return self.call

    async def _welcome(self, _rights: Rights) -> tuple[int | None, Any]:
        call = self.call
        agent = call.agent()
        written = []
        if call.conversation_id is not None:
            async with self.state.db.transaction(call.tenant_id) as tx:
                found = await conversations.earlier(tx, call.conversation_id, None)
            written = [message_json(one) for one in found if one.at >= call.started_at]
        assert self.socket is not None
        self.beside.join(call, self.socket)
        return None, {
            "agent_name": first_name(agent.label) if agent is not None else "",
            "language": call.language,
            "state": call.state,
            "ice_servers": self.voice.ice_servers(f"call:{call.id[-12:]}"),
            "messages": [shown for one in written if (shown := message_view(one)) is not None],
        }

    async def _heard(self, socket: Socket, message: Json) -> None:
        if message["type"] == "attach" and self.socket is None:
            self.socket = socket
            if self.call.conversation_id is not None:
                self.state.hub.watch(socket, self.call.conversation_id)
            return
        try:
            frame = PAGE_FRAME.validate_python(message)
            call = await self._now()
            await self._pass_on(call, frame)
        except ValidationError:
            socket.offer('{"type":"error","code":"invalid-frame"}')
        except TooMany:
            socket.offer('{"type":"error","code":"too-fast"}')
        except Refusal as refusal:
            socket.offer(orjson.dumps({"type": "error", "code": refusal.code}).decode())

    async def _pass_on(self, call: Call, frame: VideoFrame | TextFrame | LineFrame) -> None:
        self.beside.count("video" if isinstance(frame, VideoFrame) else "text", call.id, "page")
        match frame:
            case VideoFrame() if call.state in TALKS:
                self.beside.to_agent(call, frame.signal.told())
            case TextFrame() if call.state in TALKS:
                self.beside.to_agent(call, frame.told())
            case LineFrame() if call.conversation_id is not None and call.customer_id is not None:
                await self._line(call, call.conversation_id, call.customer_id, frame)
                self.beside.to_agent(call, {"type": "text", "text": ""})

    async def _line(self, call: Call, conversation_id: str, customer_id: str, frame: LineFrame) -> None:
        async with self.state.db.transaction(call.tenant_id) as tx:
            known = await customers.customer(tx, customer_id)
            await add_message(
                tx,
                conversation_id,
                direction="in",
                author=Author("customer", customer_id, known.name if known is not None else ""),
                text=frame.text,
                client_id=frame.client_id,
                channel=CHANNEL,
            )


class _Page(PageSocket):
    """The page's end of the wire, in the words above."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.since = ""

    def may_say(self, text: str) -> bool:
        """See `PageSocket`; no frame of another kind."""
        return len(text) <= LARGEST and _kind(text) in SAID

    def turned(self, frame: Json) -> Json | None:
        """See `PageSocket`."""
        match frame["type"]:
            case "snapshot":
                return {"type": "welcome", "data": frame["data"]}
            case "event" if frame["event"] == "message.added" and frame["data"]["message"]["at"] >= self.since:
                shown = message_view(frame["data"]["message"])
                return None if shown is None else {"type": "message", "data": {"message": shown}}
            case "ping" | "pong" | "resync" | "video" | "text" | "standing" | "replaced" | "error":
                return frame
            case _:
                return None


def message_view(message: Json) -> Json | None:
    """A message as the page beside the call shows it; None: it is not for the customer."""
    author = message.get("author") or {}
    if message.get("direction") not in ("in", "out"):
        return None
    name, text = str(author.get("name") or ""), str(message.get("text") or "")
    told = str((message.get("notice") or {}).get("name") or "")
    return {
        "id": message["id"],
        "client_id": message.get("client_id") if author.get("kind") == "customer" else None,
        "author": {"kind": author.get("kind"), "name": first_name(name) if author.get("kind") == "agent" else ""},
        "text": text.replace(told, first_name(told)) if told else text,
        "at": message["at"],
    }


def _kind(text: str) -> Any:
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return frame.get("type") if isinstance(frame, dict) else None


def socket_route(prefix: str = "/api/v1") -> WebSocketRoute:
    """The pages' socket."""
    return WebSocketRoute(f"{prefix}/webcall/calls/{{call_id}}/beside", BesideSocket())
