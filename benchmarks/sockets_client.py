"""Many desks in one process, for benchmarks.socket: opens sockets, counts frames, notes how late each event came.

Driven by JSON lines on standard input, answers by JSON lines on standard output. Its CPU time is not the server's.
"""

import asyncio
import base64
import json
import sys
import time
from typing import Any

import uvloop

REGISTER = b'{"type":"register","cursor":null}'


class Desk(asyncio.Protocol):
    """A minimal WebSocket client (RFC 6455): upgrades, registers, then counts text frames."""

    def __init__(self, fleet: "Fleet", number: int) -> None:
        self.fleet, self.number = fleet, number
        self.rest = b""
        self.upgraded = False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(self.number.to_bytes(16, "big")).decode()
        transport.write(
            f"GET /?n={self.number} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.upgraded:
            head, found, self.rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            self.upgraded = True
            masked = bytes([0x81, 0x80 | len(REGISTER), 0, 0, 0, 0]) + REGISTER
            self.transport.write(masked)
        self._frames()

    def _frames(self) -> None:
        rest, at = self.rest, 0
        while len(rest) - at >= 2:
            size, start = rest[at + 1] & 0x7F, at + 2
            if size == 126:
                size, start = int.from_bytes(rest[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(rest[at + 2 : at + 10], "big"), at + 10
            if len(rest) < start + size:
                break
            self.fleet.frame(rest[start : start + size])
            at = start + size
        self.rest = rest[at:]


class Fleet:
    """All desks."""

    def __init__(self) -> None:
        self.desks: list[Desk] = []
        self.events = 0
        self.snapshots = 0
        self.delays: list[float] = []

    def frame(self, payload: bytes) -> None:
        """Counts one frame; an event that carries "t" says when it was sent."""
        if payload.startswith(b'{"type":"snapshot"'):
            self.snapshots += 1
            return
        self.events += 1
        place = payload.find(b'"t":')
        if place > 0:
            sent = float(payload[place + 4 : payload.index(b",", place)])
            self.delays.append(time.perf_counter() - sent)

    async def open(self, port: int, count: int) -> None:
        """Opens desks until there are `count`."""
        loop = asyncio.get_running_loop()
        while len(self.desks) < count:
            number = len(self.desks)
            _, desk = await loop.create_connection(lambda number=number: Desk(self, number), "127.0.0.1", port)
            self.desks.append(desk)

    async def wait(self, name: str, count: int) -> None:
        """Until this many were received in all."""
        while getattr(self, name) < count:  # noqa: ASYNC110  (kept simple: not measured)
            await asyncio.sleep(0.005)


async def main() -> None:
    """Obeys one line after the other."""
    fleet, loop = Fleet(), asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order, answer = json.loads(line), {}
        match order["do"]:
            case "open":
                await fleet.open(order["port"], order["count"])
                await fleet.wait("snapshots", order["count"])
            case "wait":
                await fleet.wait("events", order["count"])
            case "pause":
                fleet.desks[order["n"]].transport.pause_reading()
            case "delays":
                answer["delays"], fleet.delays = sorted(fleet.delays), []
        answer["events"] = fleet.events
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
