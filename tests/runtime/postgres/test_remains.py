"""What a crash, a reboot or a new container leaves in postmaster.pid: none of it may mislead us, nor harm a bystander."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parlons.runtime.postgres import processes
from tests.runtime.postgres.scene import ask, kill, postmaster, running


@pytest.fixture
def remains(data: Path) -> Path:
    """postmaster.pid as a killed server left it; its pid is dead."""
    with running(data) as server:
        kill(server)
    return data / "postgres" / "postmaster.pid"


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[str]]:
    """An innocent program that happens to have the pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print('here', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.communicate("\n")
    assert process.returncode == 0, "the bystander was harmed"


def with_pid(remains: Path, pid: int) -> None:
    lines = remains.read_text().split("\n")
    remains.write_text("\n".join([str(pid), *lines[1:]]))


def starts_and_stops(data: Path) -> None:
    with running(data) as server:
        assert server.started
        assert ask(server, "SELECT 1") == [["1"]]
        pid = postmaster(server)
    assert not processes.is_alive(pid)


def test_a_dead_pid(data: Path, remains: Path) -> None:
    assert remains.exists()
    starts_and_stops(data)


def test_a_pid_that_another_program_has_now(data: Path, remains: Path, bystander: subprocess.Popen[str]) -> None:
    with_pid(remains, bystander.pid)
    assert processes.live_postmaster(data / "postgres") is None
    assert processes.stop(bystander.pid, data / "postgres")
    starts_and_stops(data)
    assert bystander.poll() is None


def test_a_pid_that_the_server_of_another_folder_has_now(data: Path, remains: Path, place: Path) -> None:
    with running(place / "other") as other:
        with_pid(remains, postmaster(other))
        starts_and_stops(data)
        assert ask(other, "SELECT 1") == [["1"]]


def test_a_pid_that_is_a_backend_of_another_server_now(data: Path, remains: Path, place: Path) -> None:
    with running(place / "other") as other:
        backend = ask(other, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")[0][0]
        assert backend is not None
        with_pid(remains, int(backend))
        starts_and_stops(data)
        assert ask(other, "SELECT 1") == [["1"]]


def test_a_pid_that_is_our_own(data: Path, remains: Path) -> None:
    with_pid(remains, os.getpid())
    starts_and_stops(data)


def test_a_zombie(data: Path, remains: Path) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # it has ended; nobody has collected it
    assert not processes.is_alive(zombie.pid)
    with_pid(remains, zombie.pid)
    starts_and_stops(data)
    zombie.wait()


@pytest.mark.parametrize("lines", [0, 1, 2, 4])
def test_a_half_written_file(data: Path, remains: Path, lines: int) -> None:
    remains.write_text("\n".join(remains.read_text().split("\n")[:lines]))
    starts_and_stops(data)


@pytest.mark.parametrize("text", ["", "\0\0\0\0", "-1\n\n\n\n\n", "ünïcode\n" * 9])
def test_a_file_of_rubbish(data: Path, remains: Path, text: str) -> None:
    remains.write_text(text)
    starts_and_stops(data)


def test_a_live_server_whose_pid_file_was_damaged_is_still_known(data: Path) -> None:
    with running(data) as server:
        pid = postmaster(server)
        whole = (data / "postgres" / "postmaster.pid").read_text()
        (data / "postgres" / "postmaster.pid").write_text(str(pid))
        with running(data) as again:
            assert not again.started
            assert again.dsn == server.dsn
            assert postmaster(again) == pid
        (data / "postgres" / "postmaster.pid").write_text(whole)
    assert not processes.is_alive(pid)
