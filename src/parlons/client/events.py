"""The event socket as an iterator that goes on after a lost connection; docs/reference/socket.md has the frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from parlons.client.problems import ForbiddenError, UnauthenticatedError

SIGNED_OUT, FORBIDDEN = 4401, 4403
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
LARGEST = 2**24
"""Bytes of a frame: a snapshot of a large centre."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state as of a sequence: what came before need not be known."""

    seq: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `data` has whole objects; `types.events` has the schemas."""

    seq: int
    name: str
    at: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Passing:
    """Something without a place in the order, such as `typing`; never told again."""

    name: str
    data: dict[str, Any]


Told = Snapshot | Event | Passing


async def told(url: str, key: str, cursor: int | None) -> AsyncGenerator[Told]:
    """What the socket tells, over as many connections as it takes."""
    line = _Line(cursor)
    attempt = 0
    while True:
        try:
            async with connect(url, additional_headers={"Authorization": f"Bearer {key}"}, max_size=LARGEST) as socket:
                async for one in line.frames(socket):
                    attempt = 0
                    yield one
            _check(socket.close_code)
        except websockets.ConnectionClosed as closed:
            _check(closed.rcvd.code if closed.rcvd is not None else None)
        except (OSError, websockets.WebSocketException, TimeoutError):
            pass
        await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        attempt += 1


def _check(code: int | None) -> None:
    if code == SIGNED_OUT:
        raise UnauthenticatedError(401, "unauthenticated", "The key is not good.", {})
    if code == FORBIDDEN:
        raise ForbiddenError(403, "forbidden", "The key may not hear events.", {})


class _Line:
    """Where a listener stands, from one connection to the next."""

    def __init__(self, cursor: int | None) -> None:
        self._cursor = cursor

    async def frames(self, socket: ClientConnection) -> AsyncIterator[Told]:
        """What one connection tells, until it ends."""
        await socket.send(json.dumps({"type": "register", "cursor": self._cursor}))
        async for text in socket:
            frame = json.loads(text)
            match frame["type"]:
                case "snapshot":
                    self._cursor = frame["cursor"]
                    yield Snapshot(frame["cursor"], frame["data"])
                case "event":
                    self._cursor = frame["seq"]
                    yield Event(frame["seq"], frame["event"], frame["at"], frame["data"])
                case "cursor":
                    self._cursor = frame["seq"]
                case "ephemeral":
                    yield Passing(frame["event"], frame["data"])
                case "ping":
                    await socket.send('{"type":"pong"}')
                case "resync":
                    self._cursor = None
                    return
