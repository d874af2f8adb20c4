"""Decides which system user runs PostgreSQL, and runs commands as that user.

PostgreSQL refuses to run as root. So root uses the system user `parlons`, made when missing (and said so); anybody else
runs it as himself. Child processes get a bare environment: no secret of ours, no PG* variable of theirs.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parlons.runtime.postgres.errors import AccountUnavailable

SYSTEM_USER = "parlons"
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TZDIR", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Account:
    """The user PostgreSQL runs as."""

    name: str
    uid: int
    gid: int
    switched: bool
    """Whether we are root and must change to it."""


def server_account(say: Callable[[str], None]) -> Account:
    """The user to run PostgreSQL as; as root, the system user is made when missing. Raises AccountUnavailable."""
    found = existing_account()
    if found is not None:
        return found
    say(f"Making the system user '{SYSTEM_USER}': PostgreSQL does not run as root")
    command = _command_to_make_user()
    # A second process may make the user at the same moment: what counts is that it exists afterwards.
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = existing_account()
    if found is None:
        raise AccountUnavailable(
            f"PostgreSQL does not run as root, and the system user '{SYSTEM_USER}' could not be made: "
            f"{' '.join(done.stderr.split()) or f'{command[0]} failed'}.",
            f"Make it yourself ({' '.join(command)}) or start Parlons as an ordinary user.",
        )
    return found


def existing_account() -> Account | None:
    """The user PostgreSQL would run as, or None when root still has to make it."""
    uid = os.geteuid()
    if uid != 0:
        return Account(name_of(uid), uid, os.getegid(), switched=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        raise AccountUnavailable(f"The user '{SYSTEM_USER}' is root under another name.", "Give it its own user id.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)


def default_data_folder(environ: Mapping[str, str]) -> Path:
    """Where data lies unless told otherwise: /var/lib/parlons as root, else `parlons` in the user's XDG data home."""
    if os.geteuid() == 0:
        return Path("/var/lib/parlons")
    home = environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path is invalid and shall be ignored.
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "share") / "parlons"


def name_of(uid: int) -> str:
    """The login name of `uid`, or the number where it has none (containers)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def environment() -> dict[str, str]:
    """The bare environment of PostgreSQL's programs: the C locale, so that what they print is English and stable."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "HOME": "/"}


def run(account: Account, *command: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as `account` to its end, output and errors together in `stdout`; `text` is its input."""
    try:
        return subprocess.run(
            [str(part) for part in command],
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=environment(),
            cwd="/",
            umask=0o077,
            **identity(account),
        )
    except PermissionError as error:
        raise AccountUnavailable(
            f"'{command[0]}' could not be run as user '{account.name}': {error.strerror}.",
            "Allow this process to change its user (capability SETUID), or start Parlons as an ordinary user.",
        ) from error


def identity(account: Account) -> dict[str, Any]:
    """Arguments of subprocess that make the child run as `account`."""
    if not account.switched:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def write(account: Account, path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all, as `account`: root never writes inside a folder another user owns."""
    done = run(account, "/bin/sh", "-c", 'cat >"$1.new" && mv "$1.new" "$1"', "sh", path, text=text)
    if done.returncode:
        raise OSError(f"{path} could not be written: {' '.join(done.stdout.split())}")


def blocked_at(account: Account, *paths: Path) -> Path | None:
    """The first of these paths or their parents that `account` cannot enter (folder) or run (file); None when it can all."""
    steps = list(dict.fromkeys(step for path in paths for step in (*reversed(path.parents), path)))
    # Asked of the kernel as that user, so that access lists and mount options count too.
    loop = 'for p; do test -x "$p" || { printf %s "$p"; exit 1; }; done'
    done = run(account, "/bin/sh", "-c", loop, "sh", *steps)
    return Path(done.stdout) if done.returncode else None


def _command_to_make_user() -> list[str]:
    if shutil.which("useradd") or not shutil.which("adduser"):
        shell = shutil.which("nologin") or "/bin/false"
        home = ["--no-create-home", "--home-dir", "/nonexistent"]
        return ["useradd", "--system", "--user-group", *home, "--shell", shell, SYSTEM_USER]
    return ["adduser", "-S", "-D", "-H", "-h", "/nonexistent", SYSTEM_USER]
