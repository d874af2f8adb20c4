"""What the tests of the supervisor share: short questions to a server, and processes that hold one."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parlons.runtime.postgres import account, processes, wire
from parlons.runtime.postgres.supervisor import DATABASE, Server, ensure_server, release_server

ROOT = Path(__file__).parents[3]
HOLDER = Path(__file__).with_name("holder.py")
IS_ROOT = os.geteuid() == 0


def say(_: str) -> None:
    """Nobody listens."""


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder other users may enter; pytest's own lie in one closed to them when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for cluster in [folder / "data" / "postgres", *folder.glob("*/postgres")]:
            pid = processes.live_postmaster(cluster)
            if pid is not None:
                processes.stop(pid, cluster)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(data: Path, **options: Any) -> Iterator[Server]:
    """A server on `data` for the time of the block."""
    server = ensure_server(data, say=options.pop("say", say), for_tests=True, **options)
    try:
        yield server
    finally:
        release_server(server)


def sockets(server: Server) -> Path:
    """The socket folder of a server."""
    assert server.data is not None
    found = processes.written_sockets(server.data / "postgres")
    assert found is not None
    return found


def ask(server: Server, sql: str) -> list[list[str | None]]:
    """Rows of `sql` in the product's database."""
    return wire.ask(sockets(server), sql, database=DATABASE, timeout=60.0)


def postmaster(server: Server) -> int:
    """The pid of the live server."""
    assert server.data is not None
    pid = processes.live_postmaster(server.data / "postgres")
    assert pid is not None
    return pid


def kill(server: Server) -> None:
    """kill -9 of the server, and wait until it has ended."""
    pid = postmaster(server)
    handle = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGKILL)
        assert select.select([handle], [], [], 60)[0], f"process {pid} did not end"
    finally:
        os.close(handle)


def holder(
    data: Path, *, python: Path | None = None, source: Path | None = None, user: account.Account | None = None
) -> Any:
    """Start a process that uses a server on `data`; read its JSON line by `heard`."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    if user is not None:
        environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
    # Any warning is an error: a run without XDG_RUNTIME_DIR must be silent too.
    return subprocess.Popen(
        [
            str(python or sys.executable),
            "-W",
            "error",
            str((source or ROOT / "src") / "holder.py" if source else HOLDER),
            str(data),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**environ, "PYTHONPATH": str(source or ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        **(account.identity(user) if user else {}),
    )


def heard(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The line a holder prints when it is ready or refused."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the holder ended without a word"
    return dict(json.loads(line))


def leave(process: "subprocess.Popen[str]") -> None:
    """Let a holder go and wait until it is gone."""
    process.communicate(timeout=120)
    assert process.returncode == 0
