"""Decides how PostgreSQL's files are made and which settings the server runs with. Starts no server.

Settings stand in parlons.conf, included at the end of postgresql.conf and written anew at each start; what an operator sets
by ALTER SYSTEM is read after it and wins. Not on the command line: a path with a space breaks there.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from parlons.runtime.postgres import account as accounts
from parlons.runtime.postgres.account import Account
from parlons.runtime.postgres.binaries import Binaries
from parlons.runtime.postgres.errors import DiskFull, StartFailed
from parlons.runtime.postgres.wire import PORT

_INCLUDE = "include_if_exists 'parlons.conf'"
_MEGABYTE = 1024 * 1024


def major_of(cluster: Path) -> int | None:
    """The major version an existing cluster was made with; None when there is no cluster."""
    try:
        return int((cluster / "PG_VERSION").read_text().strip())
    except (FileNotFoundError, ValueError):
        return None


def create(
    cluster: Path, binaries: Binaries, account: Account, say: Callable[[str], None], *, durable: bool = True
) -> None:
    """Make the cluster: whole or not at all, so that one killed half-way is made anew at the next start."""
    say(f"Making the database in {cluster.parent}")
    fresh = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    said = ""
    # Order of bytes: the same on every machine and version, and the fastest. Upper and lower case know all letters.
    for ctype in ("C.UTF-8", "en_US.UTF-8", "C"):
        done = accounts.run(
            account,
            binaries.folder / "initdb",
            f"--pgdata={fresh}",
            "--username=postgres",
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={ctype}",
            *([] if durable else ["--no-sync"]),
        )
        if done.returncode == 0:
            fresh.rename(cluster)
            return
        said = done.stdout
        if "locale" not in said:
            break
    shutil.rmtree(fresh, ignore_errors=True)
    raise failure("The database could not be made", said, cluster)


def configure(cluster: Path, socket_folder: Path, account: Account, *, durable: bool = True) -> None:
    """Write the settings of the next start."""
    accounts.write(account, cluster / "parlons.conf", settings(socket_folder, memory=_memory(), durable=durable))
    main = cluster / "postgresql.conf"
    text = main.read_text()
    if _INCLUDE not in text:
        accounts.write(account, main, f"{text.rstrip()}\n{_INCLUDE}\n")


def settings(socket_folder: Path, *, memory: int, durable: bool) -> str:
    """The text of parlons.conf; `memory` of the machine in bytes. `durable=False` is for tests only: a crash loses data."""
    buffers = min(max(memory // 8 // _MEGABYTE, 32), 1024)
    folder = str(socket_folder).replace('"', '""').replace("'", "''")
    lines = [
        "# Written by Parlons at each start; yours are kept by ALTER SYSTEM.",
        "listen_addresses = ''",
        f"port = {PORT}",
        f"unix_socket_directories = '\"{folder}\"'",
        "unix_socket_permissions = 0700",
        "max_connections = 200",
        f"shared_buffers = {buffers}MB",
        "max_locks_per_transaction = 256  # partitions by day",
        "random_page_cost = 1.1",
        "jit = off",
        # Statements prepared while a table was empty walk all of it until statistics say that it has grown.
        "autovacuum_naptime = 10s",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "cluster_name = 'parlons'",
        # The log names no statement, value or detail: those may be personal data. Errors reach the caller instead.
        "logging_collector = off",
        "log_destination = 'stderr'",
        "log_min_messages = log",
        "log_min_error_statement = panic",
        "log_error_verbosity = terse",
        "log_statement = 'none'",
        "log_min_duration_statement = -1",
        "log_parameter_max_length = 0",
        "log_parameter_max_length_on_error = 0",
        "log_checkpoints = off",
    ]
    if not durable:
        lines += ["fsync = off", "full_page_writes = off", "synchronous_commit = off", "checkpoint_timeout = 1h"]
    return "\n".join(lines) + "\n"


def failure(what: str, said: str, cluster: Path) -> StartFailed:
    """The refusal for what a program of PostgreSQL printed before it gave up."""
    if "No space left on device" in said:
        return DiskFull(
            f"{what}: the disk of {cluster.parent} is full.", "Free space there and start again; nothing is lost."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return StartFailed(
        f"{what}: {' / '.join(lines[-4:]) or 'it said nothing'}.", f"The whole log: {cluster.parent / 'postgres.log'}."
    )


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 1024 * _MEGABYTE
