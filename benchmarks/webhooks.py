"""webhooks.p99_ratio: 1,000 addresses are told of every event; how much longer the others wait while one of them hangs.

Measured from the event's own moment to its last byte at the receiver, at all addresses that answer, 99th percentile; a server
with its database, and a receiver in this process. The arms take turns: none hangs, one does, a hundred do. An event goes out when
the one before has arrived, so both sides of the ratio pay for the same crowd, whatever else the machine does.
`webhooks.p99_ratio_100` has no target. `python -m benchmarks.webhooks [--events 3] [--rounds 2]`; part of `make bench-compat`.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Collection
from datetime import datetime

import httpx

from parlons.testing.processes import Running, data_folder

ADDRESSES, MANY = 1000, 100
TARGET = 2.0
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Receiver:
    """Takes what comes and answers at once; not at `/N` of those that hang."""

    def __init__(self) -> None:
        self.hanging: Collection[int] = ()
        self.waited: list[float] = []
        """Seconds from each event to here."""
        self._begun = 0.0
        self._came = asyncio.Event()
        self._held: list[asyncio.Transport] = []

    def begin(self, hanging: int) -> None:
        """From now on the first so many hang; events of before are not counted."""
        self.hanging, self.waited, self._begun = range(hanging), [], time.time() - 0.001

    def took(self, path: int, body: bytes, transport: asyncio.Transport) -> None:
        """One message."""
        if path in self.hanging:
            self._held.append(transport)
            return
        transport.write(TAKEN)
        at = datetime.fromisoformat(json.loads(body)["timestamp"]).timestamp()
        if at >= self._begun:
            self.waited.append(time.time() - at)
            self._came.set()

    async def until(self, count: int) -> None:
        """So many have come."""
        while len(self.waited) < count:
            self._came.clear()
            await self._came.wait()

    def let_go(self) -> None:
        """Those that hang answer nothing, now."""
        self.hanging = ()
        for each in self._held:
            each.close()
        self._held.clear()


class Connection(asyncio.Protocol):
    """As much of HTTP as the deliverer speaks: one request after another, of known length."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._read = receiver, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Kept for the answers."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A part of a request, or the rest of it."""
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._read = b""
            self._receiver.took(int(head.split(b" ", 2)[1].removeprefix(b"/")), body, self._transport)


class Bench:
    """A server with its addresses, and a way to make events."""

    def __init__(self, native: httpx.AsyncClient, receiver: Receiver) -> None:
        self._native, self._receiver = native, receiver
        self._made: dict[int, str] = {}
        self._port = 0
        self._task: dict[str, object] = {}

    async def prepare(self, port: int) -> None:
        """The addresses, and a queue that nobody serves."""
        queue = (await self._native.get("/queues")).json()["items"][0]["id"]
        self._task = {"to": {"queue_id": queue}, "channel": "default", "attributes": {}}
        self._port = port
        await self._make(ADDRESSES)
        await self.arm(0, 1)

    async def _make(self, count: int) -> None:
        for number in range(count):
            body = {"name": f"{number}", "url": f"http://127.0.0.1:{self._port}/{number}", "events": ["task.created"]}
            made = await self._native.post("/webhooks", json=body)
            assert made.status_code == 201, made.text
            self._made[number] = made.json()["id"]

    async def arm(self, hanging: int, events: int) -> list[float]:
        """What the addresses waited that answer."""
        receiver = self._receiver
        receiver.begin(hanging)
        for number in range(1, events + 1):
            made = await self._native.post("/tasks", json=self._task)
            assert made.status_code == 201, made.text
            await receiver.until(number * (ADDRESSES - hanging))
        waited = receiver.waited
        for number in range(hanging):  # with what waits for them; others take their places
            await self._native.delete(f"/webhooks/{self._made[number]}")
        receiver.let_go()
        await self._make(hanging)
        return waited


def p99(waited: list[float]) -> float:
    """Seconds."""
    return statistics.quantiles(waited, n=100)[-1]


async def measured(server: Running, events: int, rounds: int) -> dict[int, float]:
    """The 99th percentile, in seconds, by how many hang."""
    receiver = Receiver()
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(receiver), "127.0.0.1", 0)
    bearer = {"Authorization": f"Bearer {server.operator_key()}"}
    waited: dict[int, list[float]] = {0: [], 1: [], MANY: []}
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=bearer, timeout=60) as native:
        bench = Bench(native, receiver)
        await bench.prepare(listening.sockets[0].getsockname()[1])
        for _ in range(rounds):
            for hanging, so_far in waited.items():
                so_far += await bench.arm(hanging, events)
    listening.close()
    return {hanging: p99(so_far) for hanging, so_far in waited.items()}


def run(events: int = 3, rounds: int = 2) -> None:
    """Measures and prints."""
    with data_folder() as data, Running(data, environ={"PARLONS_HTTP_ALLOW": "127.0.0.1"}) as server:
        found = asyncio.run(measured(server, events, rounds))
    seconds = {
        "p99_s": {hanging: round(each, 2) for hanging, each in found.items()},
        "load": round(os.getloadavg()[0], 1),
    }
    ratio, many = found[1] / found[0], found[MANY] / found[0]
    print(
        json.dumps({"name": "webhooks.p99_ratio", "value": round(ratio, 2), "unit": "x", "target": TARGET, **seconds})
    )
    print(json.dumps({"name": f"webhooks.p99_ratio_{MANY}", "value": round(many, 2), "unit": "x"}))


def main() -> None:
    """By hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    run(given.events, given.rounds)


if __name__ == "__main__":
    main()
