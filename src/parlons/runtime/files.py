"""Files (attachments, recordings, exports): bytes in a folder or a bucket, and a row that lets erasure and retention find them.

The bytes are written first, then the row commits with its owner; bytes whose row never committed are swept away later.
Deleting removes the row in the caller's transaction and the bytes by a job, so a crash between leaves no orphan for long.
Which types and sizes are welcome is the rooms' decision. A path holds ids only, never a name somebody chose.
"""

import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import obstore
import sqlalchemy as sa
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import RowMapping

from parlons.kit.clock import to_datetime
from parlons.kit.errors import NotFound, Unavailable
from parlons.kit.ids import FILE
from parlons.runtime.db import Database, Tx
from parlons.runtime.failures import DiskFull
from parlons.runtime.jobs import Handler, Job, enqueue
from parlons.runtime.schema import files

DELETE = "files.delete"
ORPHAN_AFTER = timedelta(hours=24)
"""Bytes without a row younger than this may belong to a transaction that still runs."""


class FileMissing(NotFound):
    """There is no such file, or it was erased."""

    code = "file-not-found"


class StoreUnavailable(Unavailable):
    """The file store does not answer; nothing was kept. Try again."""

    code = "file-store-unavailable"


@dataclass(frozen=True, slots=True)
class File:
    """A stored file's row."""

    id: str
    firm_id: str | None
    cls: str
    owner_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    path: str


class Files:
    """The store. `place`: a local folder, or a URL such as s3://bucket/prefix."""

    def __init__(self, place: Path | str) -> None:
        self._store: ObjectStore = from_url(place) if isinstance(place, str) else LocalStore(place, mkdir=True)

    async def put(
        self,
        tx: Tx,
        tenant_id: str,
        firm_id: str | None,
        cls: str,
        owner_id: str,
        name: str,
        content_type: str,
        body: bytes,
        *,
        keep_days: int | None = None,
    ) -> str:
        """Stores `body`; returns the file's id. `owner_id`: what it goes with when erased (message, customer, call).

        Raises DiskFull or StoreUnavailable; then nothing is kept."""
        file_id = tx.new_id(FILE)
        path = f"{tenant_id}/{cls}/{to_datetime(tx.now):%Y/%m/%d}/{file_id}"
        await self._write(path, body)
        values = {
            "id": file_id,
            "tenant_id": tenant_id,
            "firm_id": firm_id,
            "cls": cls,
            "owner_id": owner_id,
            "name": safe_name(name),
            "content_type": content_type,
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "path": path,
            "delete_after": to_datetime(tx.now) + timedelta(days=keep_days) if keep_days is not None else None,
        }
        await tx.execute(sa.insert(files).values(values))
        return file_id

    async def find(self, tx: Tx, file_id: str) -> File:
        """The row of a file of this tenant. Raises FileMissing."""
        row = await tx.fetch_one(sa.select(files).where(files.c.id == file_id))
        if row is None:
            raise FileMissing
        return _file(row)

    async def open(self, tx: Tx, file_id: str) -> tuple[File, bytes]:
        """A file of this tenant with its bytes. Raises FileMissing."""
        found = await self.find(tx, file_id)
        return found, b"".join([piece async for piece in self.stream(found)])

    async def stream(self, file: File) -> AsyncIterator[bytes]:
        """The bytes, piece by piece. Raises FileMissing."""
        async for piece in self.read(file.path):
            yield piece

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """The bytes at a row's `path`, piece by piece. Raises FileMissing."""
        try:
            async for piece in await obstore.get_async(self._store, path):
                yield bytes(piece)
        except FileNotFoundError as error:
            raise FileMissing from error

    async def lay(self, path: str, body: IO[bytes]) -> None:
        """Lays bytes where a row that comes from a backup will look for them. Raises DiskFull or StoreUnavailable."""
        await self._write(path, body)

    async def give_to(self, tx: Tx, file_ids: list[str], owner_id: str) -> None:
        """Makes uploaded files belong to `owner_id` (the message they were sent with)."""
        await tx.execute(sa.update(files).where(files.c.id.in_(file_ids)).values(owner_id=owner_id))

    async def delete_of(self, tx: Tx, owner_ids: list[str]) -> int:
        """Deletes the files that belong to these owners: rows with the commit, bytes at once after it."""
        gone = await tx.fetch_all(sa.delete(files).where(files.c.owner_id.in_(owner_ids)).returning(files.c.path))
        for row in gone:
            await enqueue(tx, DELETE, {"path": row["path"]})
        return len(gone)

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs to delete bytes."""

        async def delete(_tx: Tx, job: Job) -> None:
            await self._delete(job.payload["path"])

        return {DELETE: delete}

    async def delete_due(self, db: Database) -> int:
        """Retention: deletes files whose time is over, of all tenants; returns how many."""
        async with db.system() as tx:
            due = sa.delete(files).where(files.c.delete_after < to_datetime(db.clock())).returning(files.c.path)
            gone = await tx.fetch_all(due)
            for row in gone:
                await enqueue(tx, DELETE, {"path": row["path"]})
        return len(gone)

    async def sweep(self, db: Database, *, now: datetime) -> int:
        """Deletes bytes without a row, older than `ORPHAN_AFTER`; returns how many."""
        count, oldest = 0, now.astimezone(UTC) - ORPHAN_AFTER
        async for found in obstore.list(self._store):
            old = [entry["path"] for entry in found if entry["last_modified"] < oldest]
            async with db.system() as tx:
                known = set((await tx.execute(sa.select(files.c.path).where(files.c.path.in_(old)))).scalars())
            for path in set(old) - known:
                await self._delete(path)
                count += 1
        return count

    async def _write(self, path: str, body: bytes | IO[bytes]) -> None:
        try:
            await obstore.put_async(self._store, path, body)
        except (BaseError, OSError) as error:
            if "No space left" in str(error) or "os error 28" in str(error):
                raise DiskFull(
                    "The disk for files is full; nothing was stored. Free some space, then try again."
                ) from error
            raise StoreUnavailable from error

    async def _delete(self, path: str) -> None:
        try:
            await obstore.delete_async(self._store, path)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StoreUnavailable from error


def safe_name(name: str) -> str:
    """A name fit for people and for a Content-Disposition header: no path, no control characters, 200 characters at most."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = re.sub(r"[\x00-\x1f\x7f\"\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", last).strip(" .")
    if len(clean) > 200:
        stem, dot, ending = clean.rpartition(".")
        clean = f"{stem[: 199 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else clean[:200]
    return clean or "file"


def _file(row: RowMapping | Mapping[str, Any]) -> File:
    return File(**{name: row[name] for name in File.__dataclass_fields__})
