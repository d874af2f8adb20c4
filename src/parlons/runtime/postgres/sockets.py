"""Decides where the server's socket lies. Whoever may enter that folder is superuser of the database, so it must be ours.

The path must be short (sun_path, unix(7): 107 bytes), however long the data folder's is. Root: /run/parlons, as the
server's user must get there and /run/user/0 is closed to it. Others: $XDG_RUNTIME_DIR, else the folder for temporary files.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from parlons.runtime.postgres.account import Account, name_of
from parlons.runtime.postgres.errors import SocketFolderForeign
from parlons.runtime.postgres.wire import socket_file

_LONGEST = 100
"""Bytes of the socket's path: macOS allows 103, Linux 107; the lock file beside it is longer by five."""


def socket_folder(data: Path, account: Account, environ: Mapping[str, str]) -> Path:
    """The folder for the socket of the server on `data`: made when missing, private to `account`. Raises SocketFolderForeign."""
    base = _base(account, environ)
    _make(base, 0o711 if account.switched else 0o700)
    _must_be_ours(base, os.geteuid(), 0o022)
    folder = base / hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    if _make(folder, 0o700) and account.switched:
        os.chown(folder, account.uid, account.gid)
    _must_be_ours(folder, account.uid, 0o077)
    return folder


def require_private(folder: Path, account: Account) -> None:
    """Refuse a socket in a folder that is not a real folder of `account`, closed to everybody else."""
    _must_be_ours(folder, account.uid, 0o077)


def _base(account: Account, environ: Mapping[str, str]) -> Path:
    if account.switched and os.access("/run", os.W_OK):
        return Path("/run/parlons")
    name = f"parlons-{os.geteuid()}"
    choices = [Path(tempfile.gettempdir()) / name, Path("/tmp") / name]  # noqa: S108 - made with our mode, owner checked
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and not account.switched and _is_own_folder(Path(runtime)):
        choices.insert(0, Path(runtime) / "parlons")
    return next((base for base in choices if len(os.fsencode(socket_file(base / ("0" * 12)))) <= _LONGEST), choices[-1])


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _make(folder: Path, mode: int) -> bool:
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        return False
    folder.chmod(mode)  # mkdir's mode passes through the umask
    return True


def _must_be_ours(folder: Path, uid: int, forbidden: int) -> None:
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & forbidden:
        return
    owner = (
        "a link" if stat.S_ISLNK(found.st_mode) else f"{name_of(found.st_uid)}, mode {stat.S_IMODE(found.st_mode):o}"
    )
    raise SocketFolderForeign(
        f"The folder for the database's socket, {folder}, is not private to '{name_of(uid)}' (it is of: {owner}).",
        "Remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own.",
    )
