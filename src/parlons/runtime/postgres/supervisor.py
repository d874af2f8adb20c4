"""Runs one PostgreSQL on a data folder for all processes that use it: starts, adopts, revives, and stops it with the last.

Two locks in the data folder. `postgres.lock`, exclusive, is held while a server is started or stopped. `postgres.users`,
shared, is held by each process as long as it uses the server; who leaves and gets it exclusively was the last. The kernel
drops both when a process dies, so kill -9 leaves a server running that the next start adopts. Ready means: it answers.
Source: facts measured with the wheel's own start code, each row a test in tests/runtime/postgres.
"""

import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from parlons.runtime.postgres import cluster as clusters
from parlons.runtime.postgres import processes, wire
from parlons.runtime.postgres.account import Account, environment, identity, server_account
from parlons.runtime.postgres.binaries import Binaries, find_binaries
from parlons.runtime.postgres.errors import ServerSilent
from parlons.runtime.postgres.placement import CLUSTER, LOCK_FILE, prepare_data_folder, reachable_binaries
from parlons.runtime.postgres.sockets import require_private, socket_folder

DATABASE = "parlons"
Say = Callable[[str], None]
_PATIENCE = 60.0
"""Seconds without any answer before we give up; a server that says it is recovering is waited for ten times as long."""
_LARGEST_LOG = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that answers."""

    dsn: str
    """For asyncpg: superuser `postgres` on database "parlons" over the socket."""
    started: bool
    """Whether this call started it; else it was adopted."""
    data: Path | None
    """The data folder; None for a server that is not ours (DATABASE_URL)."""
    durable: bool = True
    share: IO[bytes] | None = field(default=None, repr=False, compare=False)
    """The open users' lock: our part in the server."""


def ensure_server(data: Path, *, say: Say, for_tests: bool = False, environ: Mapping[str, str] | None = None) -> Server:
    """A server on `data` with database "parlons", started when none runs there. Blocks. Raises ServerRefusal.

    `for_tests` trades durability for speed. Call `release_server` once for each call."""
    environ = os.environ if environ is None else environ
    account = server_account(say)
    folder = prepare_data_folder(data, account)
    with _starting(folder, say):
        share = (folder / "postgres.users").open("ab")
        try:
            fcntl.flock(share, fcntl.LOCK_SH)
            sockets, started = _bring_up(folder, account, say, environ, durable=not for_tests)
        except BaseException:
            share.close()
            raise
    return Server(_dsn(sockets), started, folder, not for_tests, share)


def revive_server(server: Server, *, say: Say, environ: Mapping[str, str] | None = None) -> bool:
    """Start a server of ours again if it is gone (killed, disk was full); True when it had to. Blocks. Raises ServerRefusal.

    Safe to call at any time from any number of processes; the DSN stays the same."""
    if server.data is None or processes.live_postmaster(server.data / CLUSTER) is not None:
        return False
    with _starting(server.data, say):
        environ = os.environ if environ is None else environ
        return _bring_up(server.data, server_account(say), say, environ, durable=server.durable)[1]


def release_server(server: Server) -> None:
    """Leave the server; the last process that leaves stops it. A second call does nothing. Blocks until it has stopped."""
    if server.data is None or server.share is None or server.share.closed:
        return
    with _starting(server.data, lambda _: None), server.share as share:
        try:
            fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        cluster = server.data / CLUSTER
        pid = processes.live_postmaster(cluster)
        sockets = processes.written_sockets(cluster)
        if pid is not None and processes.stop(pid, cluster) and sockets is not None:
            # Emptied by the server; made anew by the next start.
            with contextlib.suppress(OSError):
                sockets.rmdir()


def running_dsn(data: Path) -> str | None:
    """The DSN of the server that runs on `data`; None when none runs. Starts nothing."""
    if processes.live_postmaster(data / CLUSTER) is None:
        return None
    sockets = processes.written_sockets(data / CLUSTER)
    return None if sockets is None else _dsn(sockets)


@contextlib.contextmanager
def _starting(folder: Path, say: Say) -> Iterator[None]:
    with (folder / LOCK_FILE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is starting or stopping the database: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_up(
    folder: Path, account: Account, say: Say, environ: Mapping[str, str], *, durable: bool
) -> tuple[Path, bool]:
    """The socket folder of a server that answers, and whether it was started here."""
    cluster = folder / CLUSTER
    pid = processes.live_postmaster(cluster)
    sockets = processes.written_sockets(cluster) if pid is not None else None
    if sockets is None:
        sockets = socket_folder(folder, account, environ)
    else:
        require_private(sockets, account)
    started = False
    # An adopted server may be on its way out (somebody stopped it by hand): then it is started.
    if pid is None or not _answers(pid, cluster, sockets, say):
        sockets = socket_folder(folder, account, environ)
        pid = _launch(cluster, sockets, account, say, environ, durable=durable)
        if not _answers(pid, cluster, sockets, say):
            raise clusters.failure("PostgreSQL did not start", _log_tail(folder), cluster)
        started = True
    if not wire.ask(sockets, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608 - a constant
        wire.ask(sockets, f"CREATE DATABASE {DATABASE}", timeout=60.0)
    return sockets, started


def _launch(
    cluster: Path, sockets: Path, account: Account, say: Say, environ: Mapping[str, str], *, durable: bool
) -> int:
    binaries = find_binaries(environ, major=clusters.major_of(cluster))
    binaries = reachable_binaries(binaries, cluster.parent, account, say)
    if clusters.major_of(cluster) is None:
        clusters.create(cluster, binaries, account, say, durable=durable)
    _clear_remains(cluster, sockets)
    clusters.configure(cluster, sockets, account, durable=durable)
    say(f"Starting {binaries.title}")
    return _spawn(binaries, cluster, account)


def _clear_remains(cluster: Path, sockets: Path) -> None:
    """Remove what a dead server left. Called only when no live one was found, under the lock."""
    processes.end_remains(cluster)
    pid = processes.written_pid(cluster)
    # PostgreSQL itself replaces the file of a pid that is gone, and checks its shared memory first: leave that to it.
    # It is misled by a number that lives on as another program or as a zombie, and by a half-written file.
    if pid is None or _exists(pid):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
    # The socket's own lock file misleads in the same ways; nobody but the server of this folder uses that place.
    for left in sockets.glob(f"{wire.socket_file(sockets).name}*"):
        left.unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _spawn(binaries: Binaries, cluster: Path, account: Account) -> int:
    """Start the server as nobody's child in a session of its own: a key pressed at our terminal does not reach it."""
    log = cluster.parent / "postgres.log"
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_name("postgres.log.1"))
    with log.open("ab") as output:
        os.fchmod(output.fileno(), 0o600)
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", str(binaries.folder / "postgres"), "-D", str(cluster)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            check=True,
            env=environment(),
            cwd="/",
            umask=0o077,
            start_new_session=True,
            **identity(account),
        )
    return int(done.stdout)


def _answers(pid: int, cluster: Path, sockets: Path, say: Say) -> bool:
    """Wait until the server answers; False when its process is gone. Raises ServerSilent after _PATIENCE."""
    begun = time.monotonic()
    pause, told = 0.01, False
    while True:
        recovering = False
        try:
            wire.ask(sockets, "SELECT 1")
        except wire.ServerSaidNo as error:
            recovering = error.sqlstate == wire.CANNOT_CONNECT_NOW
        except OSError:
            pass
        else:
            return True
        if not processes.is_alive(pid):
            return False
        waited = time.monotonic() - begun
        if waited > _PATIENCE * (10 if recovering else 1):
            raise ServerSilent(
                f"PostgreSQL (process {pid}) runs on {cluster} but does not answer in {sockets}.",
                f"Look at {cluster.parent / 'postgres.log'}; `kill -INT {pid}` stops it, then start again.",
            )
        if recovering and waited > 2 and not told:
            say("The database recovers from its last stop: waiting for it")
            told = True
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def _log_tail(folder: Path) -> str:
    with (folder / "postgres.log").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
        return log.read().decode(errors="replace")


def _dsn(sockets: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(sockets))}&port={wire.PORT}"
