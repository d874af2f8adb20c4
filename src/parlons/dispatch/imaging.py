"""A snapshot taken without stopping the router: a forked child has the memory as it was and encodes it, then ends.

A dump of a thousand workers takes tens of milliseconds during which nobody would be served; a fork takes a few. The child
closes what it inherited first (an open database session would keep the workspace's lock alive), touches nothing but
memory and one pipe, and leaves by `_exit`. Where fork is not to be trusted (anything but Linux) the dump is made in place.
"""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds a child has."""
NICE = 15
"""How far the child stands back: on two cores it would otherwise slow down those who wait for a commit."""
_HIGHEST = 65_536


def begin(produce: Callable[[], bytes]) -> "asyncio.Future[bytes | None]":
    """Takes the image as of this very moment; the future brings it, or None when the child failed."""
    if sys.platform != "linux":
        done: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        done.set_result(produce())
        return done
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of fork with threads: the child takes no lock another thread could hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _child(produce, writing)
    os.close(writing)
    return asyncio.ensure_future(_collect(child, reading))


def _child(produce: Callable[[], bytes], writing: int) -> None:
    code = 1
    try:
        os.nice(NICE)
        gc.disable()
        os.closerange(3, writing)
        os.closerange(writing + 1, _HIGHEST)
        rest = memoryview(produce())
        while rest:
            rest = rest[os.write(writing, rest) :]
        code = 0
    finally:
        os._exit(code)


async def _collect(child: int, reading: int) -> bytes | None:
    status = 1
    try:
        async with asyncio.timeout(PATIENCE):
            body = await asyncio.to_thread(_read, reading)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        body = b""
    finally:
        with contextlib.suppress(ChildProcessError):
            _, status = await asyncio.shield(asyncio.to_thread(os.waitpid, child, 0))
    return body if status == 0 and body else None


def _read(reading: int) -> bytes:
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read()
