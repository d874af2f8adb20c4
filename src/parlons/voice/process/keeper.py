"""Keeps a voice process running for a data folder: what every `parlons serve` does in the background.

The process is found by its socket, or started: detached, in a session of its own, so that it outlives whoever started it.
Several web processes may keep the same one; the lock in its folder lets only one live. When it dies it is started again,
after a pause that grows while it does not stay up.
"""

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from parlons.runtime.log import log
from parlons.voice.process.life import run_folder, socket_path
from parlons.voice.process.wire import Answer, Call, Welcome, encode, packed, read, short

PATIENCE = 30.0
"""Seconds a process that starts has to open its socket."""
STEADY = 10.0
"""Seconds of life after which a process counts as well."""
PAUSES = (0.1, 1.0, 3.0, 10.0)
LOOK_SECONDS = 0.05
FAREWELL = 5.0
LOG_BYTES = 5_000_000
_PASSED_ON = ("PARLONS_SIP_", "PARLONS_RTP_", "PARLONS_VOICE_", "PARLONS_LOG")


class _Line:
    """An attached connection to the process; one question at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count(1)
        self._answer: asyncio.Future[bytes | None] | None = None
        self.closed = asyncio.Event()
        self._reading = asyncio.create_task(self._read(reader), name="line to the voice process")

    async def ask(self, verb: str) -> bytes | None:
        """The answer; None when the process is gone."""
        if self.closed.is_set():
            return None
        self._answer = asyncio.get_running_loop().create_future()
        self._writer.write(encode(Call(next(self._numbers), verb, packed({}))))
        return await self._answer

    async def close(self) -> None:
        """Hangs up."""
        self._writer.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while (frame := await read(reader)) is not None:
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(bytes(frame.result) if isinstance(frame, Answer) else None)
        finally:
            self.closed.set()
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(None)


class Keeper:
    """`keep` runs for ever (as a piece of a `Lifetime`); `leave` is for the way out."""

    def __init__(
        self,
        data: Path,
        *,
        command: Sequence[str] | None = None,
        environ: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`command` starts the process (default: this Python's `parlons.voice.process`); `environ` is added to what of the
        present one concerns it; `say` is told, in English, what an operator should know."""
        self._data = data
        self._command = list(command or (sys.executable, "-m", "parlons.voice.process"))
        self._environ = dict(environ or {})
        self._say, self._pauses = say or (lambda _: None), pauses
        self._line: _Line | None = None
        self.pid: int | None = None
        """Of the process that is up."""
        self.up = asyncio.Event()
        self._leaving = False

    @property
    def socket(self) -> Path:
        """For `RemoteEngine`."""
        return socket_path(self._data)

    async def keep(self) -> None:
        """Finds or starts the process and starts it again whenever it is gone; returns after `leave`."""
        failures = 0
        try:
            while not self._leaving:
                line = await self._attach()
                if line is not None:
                    began = time.monotonic()
                    await line.closed.wait()
                    failures = 0 if time.monotonic() - began > STEADY else failures + 1
                    await self._gone()
                elif not self._leaving:
                    failures += 1
                    self._say(f"The voice process does not start; what it said is in {self._log_path()}")
                if not self._leaving:
                    await asyncio.sleep(self._pauses[min(failures, len(self._pauses) - 1)])
        finally:
            await self._hang_up()

    async def leave(self) -> None:
        """Tells the process that this web process stops in good order; when it was the last one and no leg lives, waits for
        the process's end."""
        self._leaving = True
        if (line := self._line) is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    answer = await line.ask("process.leave")
                    if answer is not None and msgspec.msgpack.decode(answer, type=bool):
                        await line.closed.wait()
        await self._hang_up()

    async def _gone(self) -> None:
        await self._hang_up()
        if not self._leaving:
            log.warning("voice.process_gone", pid=self.pid)
            self._say("The voice process ended; calls it carried are over. Starting another one.")

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        self.up.clear()
        if line is not None:
            await line.close()
            line.closed.set()

    async def _attach(self) -> _Line | None:
        """Reaches the process that is there, else starts one."""
        if (line := await self._reach()) is not None:
            return line
        process = self._start()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self._leaving:
            if (line := await self._reach()) is not None:
                return line
            if process.poll() not in (None, 0):
                return None
            await asyncio.sleep(LOOK_SECONDS)
        return None

    async def _reach(self) -> _Line | None:
        try:
            with short(self.socket) as name:
                line = _Line(*await asyncio.open_unix_connection(name))
        except OSError:
            return None
        answer = await line.ask("process.attach")
        if answer is None:
            await line.close()
            return None
        self._line, self.pid = line, msgspec.msgpack.decode(answer, type=Welcome).pid
        self.up.set()
        return line

    def _log_path(self) -> Path:
        return run_folder(self._data) / "voice.log"

    def _start(self) -> "subprocess.Popen[bytes]":
        run_folder(self._data).mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._log_path()
        too_long = path.exists() and path.stat().st_size > LOG_BYTES
        with path.open("wb" if too_long else "ab") as told:
            process = subprocess.Popen(
                [*self._command, "--data", str(self._data)],
                env=_environ(os.environ) | self._environ,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Somebody must ask for its exit code as long as we live, or it stays in the process table.
        threading.Thread(target=process.wait, daemon=True, name="voice process's end").start()
        return process


def _environ(present: Mapping[str, str]) -> dict[str, str]:
    """The voice process needs no database and no secret of ours."""
    kept = {}
    for name, value in present.items():
        ours = name.startswith(("PARLONS_", "DATABASE_URL", "PG"))
        if not ours or name.startswith(_PASSED_ON):
            kept[name] = value
    return kept
