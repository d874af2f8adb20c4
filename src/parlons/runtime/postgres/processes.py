"""Decides which process is the live server of a data folder, and ends servers politely.

postmaster.pid alone proves nothing: after a reboot or in a new container its number may be another program's, it may be
half written, its process may be a zombie nobody collects (container without an init). A process is believed only when it
is not a zombie, is `postgres`, and works on that very folder. No other process is ever signalled.
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_LINUX = Path("/proc/self/stat").exists()
_MAIN_PROGRAMS = ("postgres", "postmaster")


def live_postmaster(cluster: Path) -> int | None:
    """The pid of the server that runs on `cluster`, or None."""
    pid = written_pid(cluster)
    if pid is not None and is_postmaster(pid, cluster):
        return pid
    # A server whose pid file was damaged still owns the folder: starting a second one would be refused or worse.
    return next((other for other, title in _working_in(cluster) if not _is_backend(title)), None)


def written_pid(cluster: Path) -> int | None:
    """The number in postmaster.pid; None when missing or half written."""
    lines = pid_file_lines(cluster)
    # A whole file names pid, folder, start time, port and socket folder; the rest is added later.
    if len(lines) < 5 or not lines[0].isdigit():
        return None
    return int(lines[0])


def pid_file_lines(cluster: Path) -> list[str]:
    """postmaster.pid by lines: pid, folder, start time, port, socket folder, listen address, shared memory, status."""
    try:
        return (cluster / "postmaster.pid").read_text(errors="replace").split("\n")
    except OSError:
        return []


def written_sockets(cluster: Path) -> Path | None:
    """The socket folder a running server names: it may have been started with other environment variables."""
    lines = pid_file_lines(cluster)
    return Path(lines[4]) if len(lines) > 4 and lines[4].startswith("/") else None


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is alive and the server of `cluster`."""
    if not is_alive(pid):
        return False
    arguments = _arguments(pid)
    if not arguments or Path(arguments[0]).name not in _MAIN_PROGRAMS:
        return False
    folder = _working_folder(pid)
    if folder is not None:
        return folder == cluster.resolve()
    # Root in a container may not look at another user's working folder; the arguments are open to all.
    return str(cluster) in arguments


def is_alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie does not."""
    if not _LINUX:
        state = _ps(pid, "stat=")
        return bool(state) and not state.startswith("Z")
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    # The name stands in brackets and may itself hold spaces and brackets.
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def end_remains(cluster: Path, *, patience: float = 2.0) -> None:
    """End backends left over by a killed postmaster: they would keep its shared memory, and the next start would fail.

    They leave by themselves when they notice, at once unless in a long computation; `patience` seconds later they are killed.
    """
    deadline = time.monotonic() + patience
    while remains := [pid for pid, title in _working_in(cluster) if _is_backend(title)]:
        if time.monotonic() > deadline:
            for pid in remains:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def stop(pid: int, cluster: Path, *, patience: float = 60.0) -> bool:
    """Stop the server of `cluster`: fast (open transactions roll back), then, after `patience` s, at once; True when gone.

    At once still loses nothing committed: the next start recovers from the log.
    """
    with _handle(pid) as handle:
        if not is_postmaster(pid, cluster):
            return True
        _send(pid, handle, signal.SIGINT)
        _send(pid, handle, signal.SIGCONT)  # one that was suspended must wake to hear it
        if _gone(pid, handle, patience):
            return True
        _send(pid, handle, signal.SIGQUIT)
        return _gone(pid, handle, 10.0)


@contextlib.contextmanager
def _handle(pid: int) -> Iterator[int | None]:
    """A pidfd: it keeps meaning this very process, whoever gets the number later. None where the kernel has none."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _send(pid: int, handle: int | None, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if handle is None:
            os.kill(pid, number)
        else:
            signal.pidfd_send_signal(handle, number)


def _gone(pid: int, handle: int | None, patience: float) -> bool:
    if handle is not None:
        watch = select.poll()
        watch.register(handle, select.POLLIN)
        return bool(watch.poll(patience * 1000))
    deadline = time.monotonic() + patience
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _working_in(cluster: Path) -> Iterator[tuple[int, str]]:
    """Live PostgreSQL processes whose working folder is `cluster`, with their titles."""
    if not _LINUX:
        return
    folder = cluster.resolve()
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or _working_folder(int(entry)) != folder or not is_alive(int(entry)):
            continue
        arguments = _arguments(int(entry))
        if arguments and (_is_backend(arguments[0]) or Path(arguments[0]).name in _MAIN_PROGRAMS):
            yield int(entry), arguments[0]


def _is_backend(title: str) -> bool:
    return title.startswith("postgres: ")


def _working_folder(pid: int) -> Path | None:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def _arguments(pid: int) -> list[str]:
    if not _LINUX:
        return _ps(pid, "args=").split()
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except OSError:
        return []


def _ps(pid: int, column: str) -> str:
    done = subprocess.run(["ps", "-p", str(pid), "-o", column], capture_output=True, text=True, check=False)
    return done.stdout.strip()
