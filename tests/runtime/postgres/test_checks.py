"""What `parlons doctor` finds."""

import os
import signal
import socket
from pathlib import Path

import pytest

from parlons.runtime.postgres import checks
from tests.runtime.postgres.scene import IS_ROOT, postmaster, running


def codes(findings: list[checks.Finding]) -> list[str]:
    assert all(finding.wrong.endswith(".") and finding.mend.endswith(".") for finding in findings)
    return [finding.code for finding in findings]


def test_nothing_is_wrong_before_and_while_it_runs(data: Path) -> None:
    assert codes(checks.check_machine(data, os.environ)) == []
    assert not data.exists(), "looking makes nothing"
    with running(data):
        assert codes(checks.check_machine(data, os.environ)) == []


def test_missing_programs(data: Path, place: Path) -> None:
    assert codes(checks.check_binaries(data, {"POSTGRES_BIN": str(place)})) == ["postgres-missing"]


def test_a_data_folder_of_another_version(data: Path) -> None:
    with running(data):
        pass
    (data / "postgres/PG_VERSION").write_text("99\n")
    assert codes(checks.check_machine(data, os.environ)) == ["postgres-version"]


@pytest.mark.skipif(not IS_ROOT, reason="needs root: as an ordinary user the server runs as ourselves")
def test_a_data_folder_out_of_reach(place: Path) -> None:
    (place / "home").mkdir(mode=0o700)
    (place / "home/other").mkdir()
    assert codes(checks.check_machine(place / "home/data", os.environ)) == ["data-folder-unreachable"]


def test_a_disk_nearly_full(place: Path) -> None:
    assert codes(checks.check_disk(place / "not/yet", least=1)) == []
    assert codes(checks.check_disk(place, least=1 << 60)) == ["disk-nearly-full"]


def test_a_server_that_does_not_answer(data: Path) -> None:
    with running(data) as server:
        os.kill(postmaster(server), signal.SIGSTOP)
        try:
            assert codes(checks.check_machine(data, os.environ)) == ["postgres-silent"]
        finally:
            os.kill(postmaster(server), signal.SIGCONT)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        taken.listen()
        port = taken.getsockname()[1]
        assert codes(checks.check_port(port, host)) == ["port-taken"]
    assert codes(checks.check_port(port, host)) == []
