"""Whole Parlons processes for tests: started on free ports in a data folder of their own, killed, suspended, ended.

    with data_folder() as data, Running(data, play="demo") as server:
        server.url, server.links["Supervisor"], server.operator_key()
        server.kill(); server.start()      # kill -9, then again on the same port

Waits for lines the process prints, never for a time that ought to be enough. What a process printed stands in `Running.said`.
"""

import contextlib
import fcntl
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from parlons.runtime.postgres import processes, wire
from parlons.runtime.postgres.placement import CLUSTER
from parlons.runtime.postgres.supervisor import DATABASE

READY = "Parlons is ready at "
PATIENCE = 300.0
"""Seconds a process has to print what is waited for; a machine under load is slow."""


@contextlib.contextmanager
def data_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new data folder which the database's own user may reach; what runs on it at the end is stopped, then it goes."""
    base = Path(tempfile.mkdtemp(prefix="parlons-test-", dir=parent))
    base.chmod(0o755)
    data = base / "data"
    try:
        yield data
    finally:
        OwnPostgres(data).stop()
        shutil.rmtree(base, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on, below those the system hands out by itself: it stays free while a server is restarted."""
    while True:
        port = random.randint(10_000, 30_000)  # noqa: S311
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def free_udp_port() -> int:
    """As `free_port`, for datagrams too: where SIP is answered."""
    while True:
        port = free_port()
        with socket.socket(type=socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class NotStarted(Exception):
    """The process ended, or said nothing in time; the message is what it printed."""


class Running:
    """A server process. `start` it again after `kill` or `end`: it keeps folder and port."""

    def __init__(
        self,
        data: Path,
        *,
        play: Literal["serve", "demo"] = "serve",
        port: int | None = None,
        clock: Path | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        """`clock`: file of a `SharedClock` the server shall go by. `environ` is added to the present one."""
        self.data, self.play, self.port = data, play, free_port() if port is None else port
        self.said: list[str] = []
        self.links: dict[str, str] = {}
        """Tokens of the one-time links which `demo` printed, by role."""
        self._clock, self.environ = clock, environ or {}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._heard = threading.Condition()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs (a suspended one does)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Starts it and waits until it is ready. Raises NotStarted with what it printed."""
        self.begin()
        try:
            self.wait_for(READY)
        except NotStarted:
            self.kill()
            raise
        return self

    def begin(self) -> None:
        """Starts it without waiting."""
        self.said = []
        module = "parlons.app.cli" if self._clock is None else "parlons.testing.serving"
        clock = [] if self._clock is None else ["--clock", str(self._clock)]
        command = [sys.executable, "-m", module, self.play, "--data", str(self.data), "--port", str(self.port), *clock]
        environ = {
            name: value
            for name, value in os.environ.items()
            if name == "PARLONS_WEB" or not name.startswith(("PARLONS_", "DATABASE_URL"))
        }
        environ |= {
            "PARLONS_DEMO_ACTORS": "none",
            "PARLONS_SIP_PORT": "0",
            "PARLONS_LOG": "warning",
            "PYTHONUNBUFFERED": "1",
            **self.environ,
        }
        self._process = subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def wait_for(self, text: str, *, seconds: float = PATIENCE) -> str:
        """The first line that contains `text`. Raises NotStarted when the process ends before, or takes too long."""
        deadline = time.monotonic() + seconds
        with self._heard:
            while True:
                for line in self.said:
                    if text in line:
                        return line
                reader = self._reader
                if reader is None or not reader.is_alive() or time.monotonic() > deadline:
                    raise NotStarted(f"no line with {text!r}; it said:\n" + "\n".join(self.said[-60:]))
                self._heard.wait(0.2)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        self._gone()

    def suspend(self) -> None:
        """SIGSTOP: it stands still, its connections stay open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def end(self) -> int:
        """SIGTERM, and wait; returns the exit code."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        return self._gone()

    def wait(self) -> int:
        """Waits until it ends by itself; returns the exit code."""
        return self._gone()

    def operator_key(self) -> str:
        """The API key of whoever operates this installation."""
        return (self.data / "operator.key").read_text().strip()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _gone(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise NotStarted("it did not end; it said:\n" + "\n".join(self.said[-60:])) from None
        self._reader.join()
        return code

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with self._heard:
                    self._note(line.rstrip("\n"))
                    self._heard.notify_all()

    def _note(self, line: str) -> None:
        self.said.append(line)
        who, colon, rest = line.partition(":")
        if colon and "/app/link#" in rest:
            self.links[who] = rest.rpartition("#")[2].strip()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.alive:
            self.end()
        if error is not None and hasattr(error, "add_note"):
            error.add_note(f"{self.play} at {self.url} said:\n" + "\n".join(self.said[-40:]))


class OwnPostgres:
    """The PostgreSQL that the servers on a data folder keep for themselves."""

    def __init__(self, data: Path) -> None:
        self._data, self._cluster = data, data / CLUSTER

    @property
    def pid(self) -> int | None:
        """Its main process, None while it does not run."""
        return processes.live_postmaster(self._cluster)

    @property
    def dsn(self) -> str:
        """As superuser, for asyncpg."""
        sockets = processes.written_sockets(self._cluster)
        assert sockets is not None, "PostgreSQL does not run"
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(sockets))}&port={wire.PORT}"

    def kill(self) -> None:
        """kill -9 of the main process, and wait until it is gone; its children notice and leave."""
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                os.kill(pid, signal.SIGKILL)
                select.select([handle], [], [], PATIENCE)
            finally:
                os.close(handle)

    def stop(self) -> None:
        """Stops it as an administrator does: what is open is rolled back."""
        pid = self.pid
        if pid is not None:
            for one in self._everybody():
                _send(one, signal.SIGCONT)
            processes.stop(pid, self._cluster)

    def suspend(self) -> None:
        """SIGSTOP of the whole server: connections stay open, nothing is answered."""
        for one in self._everybody():
            _send(one, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT of the whole server."""
        for one in self._everybody():
            _send(one, signal.SIGCONT)

    @contextlib.contextmanager
    def held_down(self) -> Iterator[None]:
        """Stopped for the time of the block: the servers on the folder may not start it again until then."""
        with (self._data / "postgres.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.stop()
            yield

    def _everybody(self) -> list[int]:
        folder = self._cluster.resolve()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if Path(os.readlink(entry / "cwd")) == folder:
                        found.append(int(entry.name))
        return found


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
