"""The background work of a process: started together, kept running, ended in reverse order.

    async with Lifetime() as life:
        life.keep("hub", lambda: hub.follow(tail))     # runs for ever; restarted when it fails
        life.at_end("database", db.close)              # called on the way out, last come first
        await server.serve()

A piece of work that fails is logged and started again after a pause that grows; it never takes the process with it, and
`life.ailing` names it for /health/ready until it has run for a while. At the end each step gets `PATIENCE` seconds.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Self

from parlons.runtime.log import log

PATIENCE = 10.0
STEADY = 5.0
"""Seconds of running after which restarted work counts as well again."""


class Lifetime:
    """Owns the tasks of a process."""

    def __init__(self) -> None:
        self.ailing: set[str] = set()
        """Names of work that has just failed."""
        self._ends: list[tuple[str, Callable[[], Awaitable[None]]]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        while self._ends:
            name, end = self._ends.pop()
            try:
                async with asyncio.timeout(PATIENCE):
                    await end()
            except TimeoutError:
                log.warning("stop.too_slow", part=name)
            except Exception:
                log.exception("stop.failed", part=name)

    def at_end(self, name: str, end: Callable[[], Awaitable[None]]) -> None:
        """Calls `end` on the way out, before everything that was registered earlier."""
        self._ends.append((name, end))

    def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Runs `work()` until the end of the lifetime, again and again if it fails."""
        task = asyncio.get_running_loop().create_task(self._keep(name, work), name=name)

        async def stop() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self.at_end(name, stop)
        return task

    async def check(self) -> str | None:
        """For /health/ready."""
        return f"Restarting: {', '.join(sorted(self.ailing))}" if self.ailing else None

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause, loop = 0.1, asyncio.get_running_loop()
        while True:
            well = loop.call_later(STEADY, self.ailing.discard, name)
            try:
                await work()
                self.ailing.discard(name)
                return
            except Exception:
                log.exception("background.failed", part=name)
                self.ailing.add(name)
            finally:
                well.cancel()
            await asyncio.sleep(pause)
            pause = min(5.0, pause * 2)


@contextlib.asynccontextmanager
async def until_signal() -> AsyncIterator[asyncio.Event]:
    """Gives an event that SIGTERM and SIGINT set, instead of ending the process; a second signal ends it as usual."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def heard(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heard, number)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
