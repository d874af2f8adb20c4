"""Findings for `parlons doctor`: what is wrong on this machine and how to mend it. Looks only; makes and starts nothing."""

import contextlib
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parlons.runtime.postgres import account as accounts
from parlons.runtime.postgres import cluster as clusters
from parlons.runtime.postgres import processes, wire
from parlons.runtime.postgres.binaries import find_binaries
from parlons.runtime.postgres.errors import ServerRefusal
from parlons.runtime.postgres.placement import CLUSTER, inspect_data_folder

_NEARLY_FULL = 512 * 1024 * 1024
"""Bytes that should stay free: PostgreSQL keeps up to 1 GB of log and stops when it cannot write."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    code: str
    """Stable kebab-case code."""
    wrong: str
    mend: str


def check_machine(data: Path, environ: Mapping[str, str]) -> list[Finding]:
    """All findings about a server of our own on `data`; none when it can run, or does."""
    found = [*check_data_folder(data), *check_binaries(data, environ), *check_disk(data)]
    return found or check_server(data)


def check_binaries(data: Path, environ: Mapping[str, str]) -> list[Finding]:
    """Whether there are server programs for this data folder."""
    try:
        find_binaries(environ, major=clusters.major_of(data / CLUSTER))
    except ServerRefusal as refusal:
        return [_finding(refusal)]
    except PermissionError:
        return []  # the data folder is closed to us: check_data_folder says so
    return []


def check_data_folder(data: Path) -> list[Finding]:
    """Whether we may use the data folder and the database's user can reach it; one that is still missing is fine."""
    try:
        account = accounts.existing_account()
        if account is not None:
            inspect_data_folder(data, account)
    except ServerRefusal as refusal:
        return [_finding(refusal)]
    return []


def check_disk(data: Path, *, least: int = _NEARLY_FULL) -> list[Finding]:
    """Whether at least `least` bytes and some inodes are free where the data lies."""
    place = next((folder for folder in (data, *data.absolute().parents) if folder.is_dir()), Path("/"))
    free = shutil.disk_usage(place).free
    inodes = os.statvfs(place)
    if free >= least and (inodes.f_files == 0 or inodes.f_favail >= 1000):
        return []
    return [
        Finding(
            "disk-nearly-full",
            f"Only {free // 1024 // 1024} MB and {inodes.f_favail} files are free on the disk of {place}.",
            f"Free space (keep {least // 1024 // 1024} MB) or move the data folder: the database stops when it cannot write.",
        )
    ]


def check_server(data: Path) -> list[Finding]:
    """Whether the server on `data` answers, if one runs; none running is fine, the next start brings it up."""
    cluster = data / CLUSTER
    pid = processes.live_postmaster(cluster)
    if pid is None:
        return []
    folder = processes.written_sockets(cluster)
    if folder is not None:
        with contextlib.suppress(OSError, wire.ServerSaidNo):
            wire.ask(folder, "SELECT 1", timeout=3.0)
            return []
    return [
        Finding(
            "postgres-silent",
            f"PostgreSQL (process {pid}) runs on {cluster} but does not answer.",
            f"Look at {data / 'postgres.log'}; `kill -INT {pid}` stops it, the next start brings it up again.",
        )
    ]


def check_port(port: int, host: str = "127.0.0.1") -> list[Finding]:
    """Whether `port` is free to listen on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As a server does: connections still closing from the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            wrong, mend = (
                f"Port {port} may not be opened by '{accounts.name_of(os.geteuid())}'.",
                "Give one above 1023 (PORT=).",
            )
            return [Finding("port-forbidden", wrong, mend)]
        except OSError as error:
            wrong = f"Port {port} on {host} cannot be used: {error.strerror}."
            mend = (
                f"Stop the program that holds it (`ss -ltnp 'sport = :{port}'` names it), or give another one (PORT=)."
            )
            return [Finding("port-taken", wrong, mend)]
    return []


def _finding(refusal: ServerRefusal) -> Finding:
    return Finding(refusal.code, refusal.wrong, refusal.mend)
