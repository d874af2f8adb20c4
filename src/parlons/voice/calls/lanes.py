"""Lanes: what concerns one call is done one step after the other, what concerns different calls side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from parlons.kit.errors import Refusal
from parlons.runtime.log import log
from parlons.voice.calls.errors import VoiceOff

Step = Callable[[], Awaitable[Any]]


class Lanes:
    """One lane a key; a lane that is empty costs nothing."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[Step, asyncio.Future[Any] | None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def post(self, key: str, step: Step) -> None:
        """Does `step` after what was posted under `key` before; what goes wrong is logged."""
        self._add(key, step, None)

    async def run(self, key: str, step: Step) -> Any:
        """As `post`, and returns what `step` returns or raises what it raises. Never from inside the same lane."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._add(key, step, future)
        return await future

    async def idle(self) -> None:
        """Returns when every lane is empty: for tests and for the end."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """What has not begun is left undone."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _add(self, key: str, step: Step, future: "asyncio.Future[Any] | None") -> None:
        if self._closed:
            _left(future)
            return
        line = self._waiting.get(key)
        if line is not None:
            line.append((step, future))
            return
        self._waiting[key] = deque([(step, future)])
        task = asyncio.get_running_loop().create_task(self._go(key), name=f"lane {key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go(self, key: str) -> None:
        line = self._waiting[key]
        try:
            while line:
                step, future = line.popleft()
                await _do(key, step, future)
        finally:
            del self._waiting[key]
            for _, future in line:
                _left(future)


def _left(future: "asyncio.Future[Any] | None") -> None:
    """The lanes closed: who waits is told, and not cancelled himself."""
    if future is not None and not future.done():
        future.set_exception(VoiceOff())


async def _do(key: str, step: Step, future: "asyncio.Future[Any] | None") -> None:
    try:
        found = await step()
    except asyncio.CancelledError:
        _left(future)
        raise
    except Exception as error:
        if future is not None and not future.done():
            future.set_exception(error)
        elif isinstance(error, Refusal):
            log.info("call.refused", lane=key, code=error.code)
        else:
            log.exception("call.failed", lane=key)
    else:
        if future is not None and not future.done():
            future.set_result(found)
