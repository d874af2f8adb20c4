"""Bots of flows: one message there, one back, over a WebSocket that stays open while the contact is with its bot.

The way is that of `SafeHttp`: addresses are looked up and checked before they are connected to, redirects to other places are
refused, an answer has a bound in size and time. A connection that broke, or that another process had, is made anew: every message
carries the state that the bot gave with its last one. It is that bot's alone: a contact who goes on to another one gets another.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from parlons.kit.errors import Refusal
from parlons.runtime.log import log
from parlons.runtime.safe_http import SafeHttp, check_headers

Json = dict[str, Any]
LARGEST = 64_000
"""Bytes of an answer."""
IDLE = 60.0
"""Seconds after which a connection that nothing was said on is closed."""


@dataclass(slots=True)
class _Line:
    socket: ClientConnection
    place: tuple[str, Mapping[str, str]]
    """Address and headers it was made with."""
    closing: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Bots:
    """Connections of this process. Close it."""

    http: SafeHttp
    _lines: dict[str, _Line] = field(default_factory=dict)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def exchange(
        self, contact: str, url: str, headers: Mapping[str, str], message: Json, *, seconds: float
    ) -> Json:
        """The bot's answer as `reply`; or `why` there is none."""
        try:
            async with asyncio.timeout(seconds):
                reply = await self._said(contact, url, headers, message)
        except (OSError, TimeoutError, WebSocketException, ValueError) as error:
            log.warning("flow.bot-failed", contact=contact, what=type(error).__name__)
            self._leave(contact)
            return {"reply": None, "why": "timeout" if isinstance(error, TimeoutError) else "no-answer"}
        except Refusal as refusal:
            log.warning("flow.bot-failed", contact=contact, what=refusal.code)
            return {"reply": None, "why": refusal.code}
        if isinstance(reply, dict) and reply.get("done") is True:
            self._leave(contact)
        return {"reply": reply}

    async def close(self) -> None:
        """Ends every connection."""
        for contact in list(self._lines):
            self._leave(contact)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _said(self, contact: str, url: str, headers: Mapping[str, str], message: Json) -> Any:
        known = self._lines.get(contact)
        if known is not None and known.place == (url, headers):
            with contextlib.suppress(WebSocketException):
                return await self._through(contact, known, message)
        self._leave(contact)  # it broke since, or was another bot's: once more, on a new one
        return await self._through(contact, await self._open(contact, url, headers), message)

    async def _through(self, contact: str, line: _Line, message: Json) -> Any:
        if line.closing is not None:
            line.closing.cancel()
        await line.socket.send(orjson.dumps(message).decode())
        while True:  # what answers an earlier message came too late
            reply = orjson.loads(await line.socket.recv())
            if not isinstance(reply, dict) or reply.get("turn", message["turn"]) == message["turn"]:
                break
        line.closing = asyncio.get_running_loop().call_later(IDLE, self._leave, contact)
        return reply

    async def _open(self, contact: str, url: str, headers: Mapping[str, str]) -> _Line:
        check_headers(headers)
        host, port = await self.http.socket_address(url)
        socket = await connect(
            url, host=host, port=port, additional_headers=dict(headers), proxy=None, max_size=LARGEST, open_timeout=None,
            user_agent_header="Parlons", compression=None,
        )  # fmt: skip
        line = self._lines[contact] = _Line(socket, (url, headers))
        return line

    def _leave(self, contact: str) -> None:
        line = self._lines.pop(contact, None)
        if line is None:
            return
        if line.closing is not None:
            line.closing.cancel()
        task = asyncio.get_running_loop().create_task(line.socket.close(), name=f"bot of {contact}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
