"""The rows of a database, out and in again. The schema is not part of it: our own migrations make it, at the dump's revision.

Out: one transaction, REPEATABLE READ and read-only, so that all tables are of one instant while people go on working. In: one
transaction, referenced tables first, so that all is there or nothing. Text of COPY: it is the same in every version of
PostgreSQL from 15 on. A plain login does both: it reads as the system role, and lifts the force of row-level security from
its own tables for the time of the transaction (`COPY ... FROM` is not allowed under it).
Source: PostgreSQL 15 manual, COPY; 13.2.2 Repeatable Read.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import asyncpg

from parlons.runtime.db import plain_dsn
from parlons.runtime.migrate import PARTITIONED, current, make_partition_named, partitions_of
from parlons.runtime.schema import SYSTEM_ROLE

_TABLES = """
SELECT c.relname AS name, c.relforcerowsecurity AS forced,
  ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
  ARRAY(SELECT DISTINCT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS needs
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname <> 'alembic_version' ORDER BY 1
"""
_SEQUENCES = "SELECT sequencename AS name, last_value AS value FROM pg_sequences WHERE schemaname = 'public'"
Take = Callable[[bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Described:
    """A table as the catalogue describes it."""

    name: str
    columns: tuple[str, ...]
    needs: tuple[str, ...]
    """Tables it refers to."""
    forced: bool

    @property
    def listed(self) -> str:
        """Its columns as SQL."""
        return ", ".join(f'"{column}"' for column in self.columns)


class Snapshot:
    """A database at one instant. Made by `snapshot`."""

    def __init__(self, connection: asyncpg.Connection, revision: str) -> None:
        self._connection, self.revision = connection, revision

    async def tables(self) -> list[Described]:
        """All tables, by name."""
        return await _tables(self._connection)

    async def rows(self, table: Described, take: Take) -> int:
        """Gives the rows of a table to `take`, as COPY's text; returns how many."""
        query = f'SELECT {table.listed} FROM "{table.name}"'  # noqa: S608  (names from the catalogue)
        done: str = await self._connection.copy_from_query(query, output=take)
        return int(done.rpartition(" ")[2])

    async def files(self) -> list[asyncpg.Record]:
        """The files that rows name: path and sha256."""
        return list(await self._connection.fetch("SELECT path, sha256 FROM files ORDER BY path"))

    async def has_file(self, path: str) -> bool:
        """Whether a row names a file at this path."""
        return bool(await self._connection.fetchval("SELECT true FROM files WHERE path = $1", path))

    async def sequences(self) -> dict[str, int]:
        """Where numbering stands: now, which is not before the instant."""
        async with _as_owner(self._connection):
            found = await self._connection.fetch(_SEQUENCES)
        return {row["name"]: row["value"] for row in found if row["value"] is not None}

    async def days(self) -> dict[str, list[str]]:
        """The partitions of days there are, by table."""
        return {table: sorted(await partitions_of(self._connection, table)) for table in PARTITIONED}


@contextlib.asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Snapshot | None]:
    """The database as it is now, for as long as the block lasts; None when Parlons never wrote there."""
    connection = await asyncpg.connect(plain_dsn(dsn), timeout=30)
    try:
        revision = await current(connection)
        if revision is None:
            yield None
            return
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if not await _is_superuser(connection):
                await connection.execute(f"SET LOCAL ROLE {SYSTEM_ROLE}")
            await connection.fetchval("SELECT count(*) FROM workspaces")  # the instant
            yield Snapshot(connection, revision)
    finally:
        await connection.close()


class Loading:
    """An open transaction that fills an empty schema. Made by `loading`."""

    def __init__(self, connection: asyncpg.Connection, tables: list[Described]) -> None:
        self.connection, self._tables = connection, {table.name: table for table in tables}

    def order(self, names: list[str]) -> list[str]:
        """`names`, those that others refer to first."""
        graph = {name: set(self._tables[name].needs) for name in self._tables}
        return [name for name in TopologicalSorter(graph).static_order() if name in set(names)]

    def knows(self, name: str) -> bool:
        """Whether the schema has this table."""
        return name in self._tables

    async def fill(self, name: str, columns: list[str], rows: Iterator[bytes]) -> None:
        """Lays the rows of one table in."""

        async def pieces() -> AsyncIterator[bytes]:
            for piece in rows:
                yield piece

        await self.connection.execute(f'DELETE FROM "{name}"')  # noqa: S608  (what a migration may have laid there)
        await self.connection.copy_to_table(name, source=pieces(), columns=columns)

    async def number(self, sequences: dict[str, int]) -> None:
        """Numbering goes on behind what was given."""
        for name, value in sequences.items():
            await self.connection.fetchval("SELECT setval($1::text::regclass, $2)", name, value)

    async def part(self, days: dict[str, list[str]]) -> None:
        """Makes the partitions of days, as they were."""
        for table, names in days.items():
            there = await partitions_of(self.connection, table)
            for name in names:
                if name not in there and name != f"{table}_default":
                    await make_partition_named(self.connection, table, name)


@contextlib.asynccontextmanager
async def loading(dsn: str) -> AsyncIterator[Loading]:
    """A transaction that fills the schema; committed when the block ends well."""
    connection = await asyncpg.connect(plain_dsn(dsn), timeout=30)
    try:
        async with connection.transaction():
            tables = await _tables(connection)
            plain = [] if await _is_superuser(connection) else [table.name for table in tables if table.forced]
            for name in plain:
                await connection.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
            yield Loading(connection, tables)
            for name in plain:
                await connection.execute(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')
    finally:
        await connection.close()


async def is_empty(dsn: str) -> bool:
    """Whether nothing stands in the database's schema."""
    connection = await asyncpg.connect(plain_dsn(dsn), timeout=30)
    try:
        there = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
        return int(await connection.fetchval(there)) == 0
    finally:
        await connection.close()


async def _tables(connection: asyncpg.Connection) -> list[Described]:
    found = await connection.fetch(_TABLES)
    return [Described(row["name"], tuple(row["columns"]), tuple(row["needs"]), row["forced"]) for row in found]


async def _is_superuser(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))


@contextlib.asynccontextmanager
async def _as_owner(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """The login's own rights for a moment, inside a transaction that runs as another role."""
    role = await connection.fetchval("SELECT current_setting('role')")
    await connection.execute("RESET ROLE")
    try:
        yield
    finally:
        await connection.execute(f"SET LOCAL ROLE {role}")
