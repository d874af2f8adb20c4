"""A full disk: a clear message, nothing committed is lost, and the server comes back once there is space."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from parlons.runtime.postgres import processes, wire
from parlons.runtime.postgres.checks import check_disk
from parlons.runtime.postgres.errors import DiskFull
from parlons.runtime.postgres.supervisor import Server, ensure_server, release_server, revive_server
from tests.runtime.postgres.scene import IS_ROOT, ask, say

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="needs root: mounts a small tmpfs")


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(server: Server) -> None:
    """Write more than the disk holds."""
    for _ in range(200):
        ask(server, "INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, 2000) n")


def test_a_disk_too_small_to_begin_on_is_named(place: Path) -> None:
    with small_disk(place / "disk", 20) as disk:
        with pytest.raises(DiskFull, match="is full") as refused:
            ensure_server(disk / "data", say=say)
        assert "Free space" in refused.value.mend
        assert not (disk / "data/postgres").exists()


def test_full_while_writing_then_free_again(place: Path) -> None:
    with small_disk(place / "disk", 120) as disk:
        server = ensure_server(disk / "data", say=say)
        try:
            ask(server, "CREATE TABLE kept AS SELECT 1 AS n")
            ask(server, "CREATE TABLE filler (n text)")
            with pytest.raises((wire.ServerSaidNo, OSError)):
                fill(server)
            assert check_disk(disk / "data")
            with contextlib.suppress(wire.ServerSaidNo, OSError):
                ask(server, "CHECKPOINT")  # what the server does by itself soon after: it stops, as it cannot write
            pid = processes.live_postmaster(disk / "data/postgres")
            if pid is not None:
                processes.stop(pid, disk / "data/postgres", patience=5.0)
            with contextlib.suppress(DiskFull):
                revive_server(server, say=say)
            subprocess.run(["mount", "-o", "remount,size=400m", str(disk)], check=True)
            revive_server(server, say=say)
            assert ask(server, "SELECT n FROM kept") == [["1"]]
        finally:
            release_server(server)
