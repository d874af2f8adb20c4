"""Who runs the server, and what is never touched: root, ordinary users, closed folders."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parlons.runtime.postgres.account import (
    Account,
    blocked_at,
    default_data_folder,
    environment,
    existing_account,
    server_account,
)
from parlons.runtime.postgres.errors import AccountUnavailable, DataFolderForeign, DataFolderUnreachable
from parlons.runtime.postgres.supervisor import ensure_server
from tests.runtime.postgres.scene import HOLDER, IS_ROOT, ROOT, ask, heard, holder, leave, postmaster, running, say

as_root = pytest.mark.skipif(not IS_ROOT, reason="needs root: changes the user")


@pytest.fixture
def ordinary() -> Account:
    """An ordinary user: ourselves, or `nobody` when we are root."""
    entry = pwd.getpwnam("nobody") if IS_ROOT else pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=IS_ROOT)


@pytest.fixture
def alone(place: Path, ordinary: Account) -> Iterator[Any]:
    """Starts holders as the ordinary user: with a Python and sources he can reach."""
    if not IS_ROOT:
        yield lambda data: holder(data)
        return
    python = next((p for p in map(Path, ("/usr/bin/python3", "/usr/local/bin/python3")) if _runs(p, ordinary)), None)
    if python is None:
        pytest.skip("no Python >= 3.11 that an ordinary user can run")
    source = place / "source"
    package = source / "parlons"
    shutil.copytree(ROOT / "src/parlons/kit", package / "kit")
    shutil.copytree(ROOT / "src/parlons/runtime/postgres", package / "runtime/postgres")
    for name in ("__init__.py", "runtime/__init__.py"):
        shutil.copy(ROOT / "src/parlons" / name, package / name)
    shutil.copy(HOLDER, source)
    for path in (source, *source.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield lambda data: holder(data, python=python, source=source, user=ordinary)


def _runs(python: Path, user: Account) -> bool:
    if not python.exists() or blocked_at(user, python):
        return False
    return not subprocess.run(
        [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False
    ).returncode


def modes(*paths: Path) -> list[tuple[int, int, int]]:
    """Mode, owner and group of each path."""
    return [(found.st_mode, found.st_uid, found.st_gid) for found in (path.stat() for path in paths)]


def test_an_ordinary_user_runs_his_own_server(place: Path, alone: Any, ordinary: Account) -> None:
    place.chmod(0o777)
    process = alone(place / "data")
    told = heard(process)
    assert told["started"], told
    assert Path(f"/proc/{told['pid']}").stat().st_uid == ordinary.uid
    leave(process)
    assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700


@as_root
def test_root_runs_it_as_the_system_user_and_can_connect(data: Path) -> None:
    with running(data) as server:
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid == pwd.getpwnam("parlons").pw_uid
        assert ask(server, "SELECT current_user") == [["postgres"]]


@as_root
def test_the_system_user_is_made_when_missing_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"parlons-test-{os.getpid()}"
    monkeypatch.setattr("parlons.runtime.postgres.account.SYSTEM_USER", name)
    lines: list[str] = []
    assert existing_account() is None
    try:
        account = server_account(lines.append)
        assert account == existing_account()
        assert account.switched
        assert account.uid > 0
        assert server_account(lines.append) == account
        assert lines == [f"Making the system user '{name}': PostgreSQL does not run as root"]
    finally:
        subprocess.run(["userdel", name], check=True)


@as_root
def test_a_system_user_that_cannot_be_made_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parlons.runtime.postgres.account.SYSTEM_USER", "no such name!")
    with pytest.raises(AccountUnavailable, match="could not be made") as refused:
        server_account(say)
    assert "useradd" in refused.value.mend or "adduser" in refused.value.mend


def test_the_server_gets_no_variable_of_ours(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    assert not {"SECRET_KEY", "PGDATA", "PGPORT"} & environment().keys()
    with running(data) as server:
        assert b"hush" not in Path(f"/proc/{postmaster(server)}/environ").read_bytes()


@as_root
def test_a_data_folder_in_a_closed_home_is_refused_by_name_and_nothing_is_opened(place: Path) -> None:
    home = place / "home"
    (home / "projects").mkdir(parents=True)
    home.chmod(0o700)
    before = modes(place, home, home / "projects")
    with pytest.raises(DataFolderUnreachable, match=rf"{home} is closed") as refused:
        ensure_server(home / "projects" / "data", say=say)
    assert f"chmod o+x '{home}'" in refused.value.mend
    assert modes(place, home, home / "projects") == before


@as_root
def test_roots_closed_folder_with_other_things_in_it_is_refused(place: Path) -> None:
    folder = place / "mixed"
    folder.mkdir(mode=0o700)
    (folder / "letters").mkdir()
    before = modes(folder, folder / "letters")
    with pytest.raises(DataFolderUnreachable, match="is closed to it"):
        ensure_server(folder, say=say)
    assert modes(folder, folder / "letters") == before


@as_root
def test_an_empty_closed_folder_is_opened_to_the_databases_group_only(data: Path) -> None:
    data.mkdir(mode=0o700)
    with running(data):
        assert stat.S_IMODE(data.stat().st_mode) == 0o710
        assert data.stat().st_gid == pwd.getpwnam("parlons").pw_gid
        assert data.stat().st_uid == 0


@as_root
def test_root_leaves_a_users_data_folder_alone(place: Path, alone: Any, ordinary: Account) -> None:
    place.chmod(0o777)
    process = alone(place / "data")
    heard(process)
    leave(process)
    paths = [place / "data", *(place / "data").iterdir()]
    before = modes(*paths)
    with pytest.raises(DataFolderForeign, match="belongs to 'nobody'") as refused:
        ensure_server(place / "data", say=say)
    assert "Start Parlons as 'nobody'" in refused.value.mend
    assert modes(*paths) == before
    again = alone(place / "data")
    assert heard(again)["started"]
    leave(again)


@as_root
def test_a_user_is_refused_roots_data_folder(data: Path, alone: Any) -> None:
    with running(data):
        pass
    process = alone(data)
    told = heard(process)
    leave(process)
    assert told["code"] == "data-folder-foreign"
    assert "belongs to 'root'" in told["message"]


def test_without_a_runtime_folder_all_goes_without_a_warning(data: Path) -> None:
    process = holder(data)  # runs with -W error and no XDG_RUNTIME_DIR
    assert heard(process)["started"]
    leave(process)


def test_the_default_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_data_folder({"XDG_DATA_HOME": "/big/disk"}) == Path("/big/disk/parlons")
    assert default_data_folder({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/parlons"
    assert default_data_folder({}) == Path.home() / ".local/share/parlons"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_folder({"XDG_DATA_HOME": "/big/disk"}) == Path("/var/lib/parlons")


def test_a_data_folder_that_is_a_file_is_refused(place: Path) -> None:
    (place / "data").write_text("a letter")
    with pytest.raises(DataFolderUnreachable, match="cannot be used"):
        ensure_server(place / "data", say=say)
    assert (place / "data").read_text() == "a letter"
