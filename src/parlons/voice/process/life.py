"""The life of a voice process: lock, engine, socket, and its end by signal, by `attendance` or with its folder.

One per data folder: it holds an exclusive lock on run/voice.lock (its process number stands in it) as long as it lives.
"""

import asyncio
import contextlib
import fcntl
import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from parlons.kit.clock import wall_clock
from parlons.kit.errors import Refusal
from parlons.runtime.lifetime import until_signal
from parlons.runtime.log import log
from parlons.voice.media.engine import MediaEngine
from parlons.voice.process.attendance import Attendance, Limits, Verdict, living
from parlons.voice.process.serving import EngineServer

LOOK_SECONDS = 0.5
GOODBYE_SECONDS = 3.0
"""So long the end waits for BYEs to be answered."""
RECORDINGS = "recordings"


class RunningEngine(MediaEngine, Protocol):
    """An engine the process starts and stops."""

    @property
    def sip_port(self) -> int:
        """Where it answers SIP, once started; 0: nowhere."""
        ...

    async def start(self) -> None:
        """Opens its sockets."""
        ...

    async def stop(self) -> None:
        """Ends every leg and closes everything; recordings' files are whole."""
        ...


def run_folder(data: Path) -> Path:
    """Where socket, lock, log and recordings in progress stand."""
    return data / "run"


def socket_path(data: Path) -> Path:
    """The voice process's socket."""
    return run_folder(data) / "voice.sock"


def lock_path(data: Path) -> Path:
    """Held by the voice process; its number stands in it."""
    return run_folder(data) / "voice.lock"


def port_path(data: Path) -> Path:
    """The port at which the voice process answers SIP, or did last: the next one prefers it, since phones know it."""
    return run_folder(data) / "sip.port"


def sip_port(data: Path) -> int:
    """What stands in `port_path`; 0 when no voice process ever ran here."""
    try:
        return int(port_path(data).read_text())
    except (FileNotFoundError, ValueError):
        return 0


class AlreadyRuns(Exception):
    """Another process carries this folder's calls."""


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRuns from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


async def live(data: Path, engine: Callable[[], RunningEngine], *, limits: Limits = Limits()) -> None:
    """Carries calls until the end. Raises AlreadyRuns."""
    folder = run_folder(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / RECORDINGS).mkdir(mode=0o700, exist_ok=True)
    with _locked(lock_path(data)):
        carried = engine()
        await carried.start()
        port_path(data).write_text(str(carried.sip_port))
        server = EngineServer(carried, socket_path(data), base=wall_clock() * 1000)
        await server.start()
        gc.collect()
        gc.freeze()
        log.info("voice.ready", pid=os.getpid())
        try:
            async with until_signal() as stop:
                await _Watch(server, limits, stop, lock_path(data)).look()
        finally:
            await _farewell(server)
            await carried.stop()
            with contextlib.suppress(FileNotFoundError):
                await server.stop()
        log.info("voice.ended")


async def _farewell(server: EngineServer) -> None:
    """Every caller gets his BYE."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_SECONDS):
            for leg in (await server.engine.state()).legs:
                await _hang_up(server, leg.leg_id)


async def _hang_up(server: EngineServer, leg_id: str) -> None:
    with contextlib.suppress(Refusal):
        await server.engine.hang_up(leg_id, text="Service is shutting down")


class _Watch:
    """Asks `attendance` again and again, and does what it says."""

    def __init__(self, server: EngineServer, limits: Limits, stop: asyncio.Event, lock: Path) -> None:
        self._server, self._stop, self._lock = server, stop, lock
        self._attendance = Attendance(time.monotonic(), limits)
        self._inode = lock.stat().st_ino
        server.on_leave = self._leaves

    async def look(self) -> None:
        """Until the end."""
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stop.wait()
            if self._folder_is_gone():
                return
            draining = self._attendance.draining
            verdict, waits = await self._ask()
            if verdict is Verdict.END:
                return
            if verdict is Verdict.END_THE_WAITING:
                for leg_id in waits:
                    await _hang_up(self._server, leg_id)
            if draining and not self._attendance.draining:
                await self._server.refuse_calls(False)

    async def _ask(self) -> tuple[Verdict, frozenset[str]]:
        legs = living(await self._server.engine.state())
        return self._attendance.verdict(time.monotonic(), attached=bool(self._server.attached), legs=legs), legs.waits

    async def _leaves(self) -> bool:
        self._attendance.leaves(time.monotonic())
        await self._server.refuse_calls(True)
        verdict, _waits = await self._ask()
        if verdict is Verdict.END:
            self._stop.set()
        return verdict is Verdict.END

    def _folder_is_gone(self) -> bool:
        """The data folder was deleted, or given to somebody else: nobody can reach this process any more."""
        try:
            return self._lock.stat().st_ino != self._inode
        except FileNotFoundError:
            return True
