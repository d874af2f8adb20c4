"""Where the socket lies: short, private, ours."""

import os
import stat
from pathlib import Path

import pytest

from parlons.runtime.postgres import sockets
from parlons.runtime.postgres.account import Account, server_account
from parlons.runtime.postgres.errors import SocketFolderForeign
from tests.runtime.postgres.scene import IS_ROOT, ask, running, say
from tests.runtime.postgres.scene import sockets as sockets_of


@pytest.fixture
def account() -> Account:
    return server_account(say)


@pytest.fixture
def me() -> Account:
    """Ourselves, as if we need not change user."""
    return Account("me", os.geteuid(), os.getegid(), switched=False)


def test_the_folder_is_private_and_the_path_short(data: Path, account: Account) -> None:
    folder = sockets.socket_folder(Path("/" + "x" * 200), account, os.environ)
    try:
        found = folder.lstat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == account.uid
        assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 100
        assert sockets.socket_folder(Path("/" + "x" * 200), account, os.environ) == folder
    finally:
        folder.rmdir()


def test_the_runtime_folder_is_used_when_it_is_our_own(place: Path, me: Account) -> None:
    own = place / "run"
    own.mkdir(mode=0o700)
    assert sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)}).parent == own / "parlons"
    for useless in ("relative", str(place / "missing"), str(place / ("long" * 25))):
        folder = sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": useless})
        assert folder.parent.name == f"parlons-{os.geteuid()}"


@pytest.mark.skipif(not IS_ROOT, reason="needs root: makes a folder of another user")
def test_a_folder_of_somebody_else_is_refused(place: Path, me: Account) -> None:
    own = place / "run"
    own.mkdir(mode=0o700)
    folder = sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)})
    os.chown(folder, 65534, 65534)
    with pytest.raises(SocketFolderForeign, match="nobody") as refused:
        sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)})
    assert "Remove it" in refused.value.mend
    assert folder.stat().st_uid == 65534


def test_a_link_or_an_open_folder_is_refused(place: Path, me: Account) -> None:
    own = place / "run"
    own.mkdir(mode=0o700)
    folder = sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)})
    folder.chmod(0o755)
    with pytest.raises(SocketFolderForeign, match="mode 755"):
        sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)})
    folder.rmdir()
    folder.symlink_to(place)
    with pytest.raises(SocketFolderForeign, match="a link"):
        sockets.socket_folder(place, me, {"XDG_RUNTIME_DIR": str(own)})


def test_a_running_server_is_found_from_another_environment(data: Path, place: Path) -> None:
    (place / "run").mkdir(mode=0o700)
    with running(data, environ={"PATH": os.environ["PATH"]}) as first:
        environ = {"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(place / "run")}
        with running(data, environ=environ) as second:
            assert not second.started
            assert sockets_of(second) == sockets_of(first)
            assert second.dsn == first.dsn


def test_a_socket_folder_of_any_name_reaches_the_server_whole(
    data: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_base", lambda *_: place / 'it\'s, "so" é')
    with running(data) as server:
        assert sockets_of(server).parent == place / 'it\'s, "so" é'
        assert ask(server, "SELECT 1") == [["1"]]
