"""`parlons restore`: a backup and its key become an installation, in an empty place, with its work held.

Everything is looked at first (whole, ours, not newer, the right key, nothing there), and only then the first byte is laid
down. The schema is made by our migrations at the backup's revision, filled in one transaction, then brought up to date. A
mark in the data folder says that a restore has not finished: nothing serves such a folder. Jobs are held before the mark
goes, so nothing that the old installation may have done is done again unasked (`runtime.holds`).
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parlons.app.backup import database_of
from parlons.app.flows import FOLDER as FLOWS
from parlons.app.settings import KEY_FILE, RESTORING, Settings
from parlons.runtime import holds, migrate
from parlons.runtime.backup import dump
from parlons.runtime.backup.archive import Reader, open_backup
from parlons.runtime.backup.errors import BackupDamaged, BackupKeyWrong, BackupNewer, PlaceNotEmpty
from parlons.runtime.db import Database
from parlons.runtime.files import Files

Say = Callable[[str], None]
_HARMLESS = frozenset({KEY_FILE, "lost+found"})
"""What may lie in an empty place."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was laid down."""

    rows: int
    files: int
    held: int
    """Jobs that wait for their release."""


async def restore(settings: Settings, path: Path, key: Path | None, *, say: Say) -> Restored:
    """Restores `path` with the key file `key` (None: the one in the data folder). Raises what is wrong, before any change."""
    with open_backup(path) as backup:
        revision = str(backup.about["revision"])
        if revision not in migrate.revisions():
            raise BackupNewer(
                f"The backup was made by Parlons {backup.about.get('parlons')}, which is newer than this one; nothing was "
                "restored. Install that version, then restore."
            )
        secret = read_key(settings.data, key, str(backup.about.get("key")))
        say("Checking the backup: every table, every file")
        backup.verify(secret)
        await _must_be_empty(settings)
        async with database_of(settings, say) as dsn:
            await _must_be_empty_database(dsn)
            _begin(settings.data, secret)
            say(f"Laying down {len(backup.below('files/'))} files and {len(backup.manifest['tables'])} tables")
            await _files(backup, settings.data)
            await migrate.upgrade(dsn, to=revision)
            rows = await _rows(backup, dsn)
            await migrate.upgrade(dsn)
            held = await _hold(dsn, {name: backup.about.get(name) for name in ("parlons", "taken_at", "key")})
        (settings.data / RESTORING).unlink()
        return Restored(rows, len(backup.below("files/")), held)


def read_key(data: Path, key: Path | None, name: str) -> bytes:
    """The key of a backup; `name` is what the backup calls it. Raises BackupKeyWrong."""
    found = key or data / KEY_FILE
    try:
        secret = bytes.fromhex(found.read_text())
    except OSError as error:
        raise BackupKeyWrong(
            f"The key {name} is needed, and {found} cannot be read ({error.strerror}): give the secret.key that was kept "
            "apart, by --key.",
            key=name,
        ) from None
    except ValueError:
        raise BackupKeyWrong(f"{found} is no key: it must be the secret.key that was kept apart.", key=name) from None
    if not secret:
        raise BackupKeyWrong(f"{found} is empty: it must be the secret.key that was kept apart.", key=name)
    return secret


async def _must_be_empty(settings: Settings) -> None:
    data = settings.data
    if (data / RESTORING).exists():
        raise PlaceNotEmpty(
            f"A restore into {data} was begun and did not finish. Remove that folder"
            f"{' and empty the database' if settings.database_url else ''}, then restore again."
        )
    there = sorted(entry.name for entry in data.iterdir() if entry.name not in _HARMLESS) if data.is_dir() else []
    if there:
        raise PlaceNotEmpty(
            f"{data} is not empty ({', '.join(there[:5])}): a backup is restored into an empty place only. Nothing was "
            "changed. Give a new folder by --data."
        )
    if settings.database_url:
        await _must_be_empty_database(settings.database_url)


async def _must_be_empty_database(dsn: str) -> None:
    if not await dump.is_empty(dsn):
        raise PlaceNotEmpty(
            "The database is not empty: a backup is restored into an empty place only. Nothing was changed. Make a new "
            "database and name it by DATABASE_URL."
        )


def _begin(data: Path, secret: bytes) -> None:
    """The folder, the mark, and the key where a start looks for it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / RESTORING).touch()
    handle = os.open(data / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex())


async def _files(backup: Reader, data: Path) -> None:
    store = Files(data / "files")
    for path in backup.below("files/"):
        with backup.open(f"files/{path}") as body:
            await store.lay(path, body)
        sha = hashlib.sha256()
        async for piece in store.read(path):
            sha.update(piece)
        if sha.hexdigest() != backup.members[f"files/{path}"]["sha256"]:
            raise BackupDamaged(f"{path} does not match its sha256 once it is laid down: look at the disk of {data}.")
    for name in backup.below(f"{FLOWS}/"):
        place = data / FLOWS / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(backup.open(f"{FLOWS}/{name}").read())


async def _rows(backup: Reader, dsn: str) -> int:
    tables = backup.manifest["tables"]
    async with dump.loading(dsn) as into:
        strange = [name for name in tables if not into.knows(name)]
        if strange:
            raise BackupDamaged(f"The backup holds tables its revision does not have: {', '.join(strange)}.")
        await into.part(backup.manifest["days"])
        for name in into.order(list(tables)):
            await into.fill(name, tables[name]["columns"], backup.pieces(f"tables/{name}"))
        await into.number(backup.manifest["sequences"])
        for path in backup.manifest["erased"]:  # erased while the backup was made: the bytes are gone, so goes the row
            await into.connection.execute("DELETE FROM files WHERE path = $1", path)
    return sum(table["rows"] for table in tables.values())


async def _hold(dsn: str, about: dict[str, object]) -> int:
    db = await Database.open(dsn, pool_size=2)
    try:
        async with db.system() as tx:
            await holds.hold(tx, about)
            held = await holds.held(tx)
        return sum(kind.count for kind in held.kinds) if held else 0
    finally:
        await db.close()
