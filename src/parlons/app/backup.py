"""`parlons backup`: database, files, flows and configuration in one file, while people go on working.

What was accepted before it began is in it, whole: rows are of one instant, and a file's bytes are there before its row. Files
are read after the rows; one that was erased meanwhile is left out and named, so that its row goes too when the backup is
restored. The key (`secret.key`) is never in it. It opens the database itself, since it must read every tenant's rows and work
also when no server runs (docs/decisions/008).
"""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parlons import __version__
from parlons.accounts.bootstrap import installation
from parlons.app.configuration.apply import export
from parlons.app.flows import FOLDER as FLOWS
from parlons.app.settings import KEY_FILE, LAST_BACKUP, Settings, secret_key
from parlons.runtime.backup.archive import Writer
from parlons.runtime.backup.dump import Snapshot, snapshot
from parlons.runtime.backup.errors import NothingToBackUp
from parlons.runtime.db import Database
from parlons.runtime.files import FileMissing, Files
from parlons.runtime.migrate import head
from parlons.runtime.postgres.placement import CLUSTER
from parlons.runtime.postgres.supervisor import ensure_server, release_server
from parlons.runtime.vault import vault

Say = Callable[[str], None]


@dataclass(slots=True)
class Done:
    """What a backup holds."""

    path: Path
    key: str
    """The name of the key it needs."""
    rows: int = 0
    files: int = 0
    erased: list[str] = field(default_factory=list)
    """Paths of files erased while it was made."""
    damaged: list[str] = field(default_factory=list)
    """Paths of files that are missing here, or do not match their sha256; the backup has them as they are."""


async def back_up(settings: Settings, path: Path, *, say: Say) -> Done:
    """Makes the backup `path`. Raises NothingToBackUp, BackupExists, and what the database refuses."""
    if not (settings.data / KEY_FILE).is_file() or not (settings.database_url or (settings.data / CLUSTER).is_dir()):
        raise NothingToBackUp(
            f"There is no installation in {settings.data}: name its folder by --data or PARLONS_DATA."
        )
    secret = secret_key(settings.data)
    async with database_of(settings, say) as dsn, snapshot(dsn) as rows:
        if rows is None:
            raise NothingToBackUp(f"Parlons never wrote into the database of {settings.data}.")
        about = {
            "parlons": __version__,
            "revision": rows.revision,
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with Writer(path, about, secret) as backup:
            done = Done(path, backup.about["key"])
            await _tables(rows, backup, done)
            await _files(rows, backup, done, Files(settings.data / "files"), dsn)
            _flows(settings.data / FLOWS, backup)
            if rows.revision == head():
                vault.unlock(secret)
                backup.write("configuration.yaml", (await _configuration(dsn)).encode())
            backup.manifest |= {"sequences": await rows.sequences(), "erased": done.erased, "damaged": done.damaged}
    (settings.data / LAST_BACKUP).write_text(json.dumps({"taken_at": about["taken_at"]}))
    return done


@contextlib.asynccontextmanager
async def database_of(settings: Settings, say: Say) -> AsyncIterator[str]:
    """The dsn of the installation's database; our own is started when it does not run, and stops with who uses it last."""
    if settings.database_url:
        yield settings.database_url
        return
    server = await asyncio.to_thread(ensure_server, settings.data, say=say)
    try:
        yield server.dsn
    finally:
        await asyncio.to_thread(release_server, server)


async def _tables(rows: Snapshot, backup: Writer, done: Done) -> None:
    listed: dict[str, Any] = {}
    for table in await rows.tables():
        with backup.member(f"tables/{table.name}") as member:

            async def take(piece: bytes, into: Any = member) -> None:
                into.write(piece)

            count = await rows.rows(table, take)
        listed[table.name] = {"columns": list(table.columns), "rows": count}
        done.rows += count
    backup.manifest |= {"tables": listed, "days": await rows.days()}


async def _files(rows: Snapshot, backup: Writer, done: Done, store: Files, dsn: str) -> None:
    for row in await rows.files():
        path, pieces = row["path"], store.read(row["path"])
        try:
            first = await anext(pieces, b"")
        except FileMissing:
            (done.damaged if await _stands(dsn, path) else done.erased).append(path)
            continue
        sha = hashlib.sha256(first)
        with backup.member(f"files/{path}", packed=False) as member:
            member.write(first)
            async for piece in pieces:
                member.write(piece)
                sha.update(piece)
        done.files += 1
        if sha.hexdigest() != row["sha256"]:
            done.damaged.append(path)


async def _stands(dsn: str, path: str) -> bool:
    """Whether the row of a file is still there now."""
    async with snapshot(dsn) as now:
        return now is not None and await now.has_file(path)


def _flows(folder: Path, backup: Writer) -> None:
    """Flows written in Python lie beside the database."""
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else []:
        backup.write(f"{FLOWS}/{path.relative_to(folder)}", path.read_bytes())


async def _configuration(dsn: str) -> str:
    """For people to read: when the backup is restored it comes from the database."""
    db = await Database.open(dsn, pool_size=2)
    try:
        found = await installation(db)
        return "" if found is None else await export(db, found.principal)
    finally:
        await db.close()
