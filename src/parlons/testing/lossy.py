"""A bad network for tests: a UDP relay that loses, delays and so reorders datagrams, the same ones for the same seed.

async with LossyRelay(("127.0.0.1", port), loss=0.05, jitter_ms=40, seed=7) as relay:
    ...  # speak to 127.0.0.1:relay.port instead
"""

import asyncio
import random
from types import TracebackType
from typing import Self, cast

Address = tuple[str, int]


class _End(asyncio.DatagramProtocol):
    """One socket of the relay."""

    def __init__(self, relay: "LossyRelay", client: Address | None) -> None:
        self.relay, self.client = relay, client
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.client is None:
            self.relay.from_client(data, addr)
        else:
            self.relay.from_target(data, self.client)


class LossyRelay:
    """Between any number of clients and one target; each client has a socket of its own towards the target."""

    def __init__(self, target: Address, *, loss: float = 0.0, jitter_ms: float = 0.0, seed: int = 7) -> None:
        """`loss` in [0, 1] each way; each datagram is held back by [0, `jitter_ms`] milliseconds, so some overtake others."""
        self._target, self._loss, self._jitter = target, loss, jitter_ms / 1000
        self._random = random.Random(seed)  # noqa: S311
        self._ends: dict[Address, _End] = {}
        self._opening: dict[Address, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self.port = 0
        self.passed = self.lost = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        _, self._front = await loop.create_datagram_endpoint(lambda: _End(self, None), local_addr=("127.0.0.1", 0))
        self.port = self._front.transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in [self._front, *self._ends.values()]:
            end.transport.close()
        await asyncio.sleep(0)

    def from_client(self, data: bytes, client: Address) -> None:
        """A datagram for the target."""
        if client in self._ends:
            return self._pass(data, self._ends[client], self._target)
        waiting = self._opening.setdefault(client, [])
        waiting.append(data)
        if len(waiting) == 1:
            task = asyncio.get_running_loop().create_task(self._open(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def from_target(self, data: bytes, client: Address) -> None:
        """A datagram for a client."""
        self._pass(data, self._front, client)

    async def _open(self, client: Address) -> None:
        loop = asyncio.get_running_loop()
        _, end = await loop.create_datagram_endpoint(lambda: _End(self, client), local_addr=("127.0.0.1", 0))
        self._ends[client] = end
        for data in self._opening.pop(client):
            self._pass(data, end, self._target)

    def _pass(self, data: bytes, end: _End, to: Address) -> None:
        if self._random.random() < self._loss:
            self.lost += 1
            return
        self.passed += 1
        if not self._jitter:
            return end.transport.sendto(data, to)

        def later() -> None:
            self._timers.discard(timer)
            if not end.transport.is_closing():
                end.transport.sendto(data, to)

        timer = asyncio.get_running_loop().call_later(self._random.uniform(0, self._jitter), later)
        self._timers.add(timer)
