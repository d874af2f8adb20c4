"""Migrations at start: roles, schema and the journal's partitions, by the owner's login, under an advisory lock.

`upgrade` is safe to call from several processes at once and costs one query when nothing is to do. The history is linear
and a revision's id is its file's name, so the newest file names the head. Partitions are made `AHEAD` days ahead, here and
daily by the maintenance job (`keep_partitions`); a default partition catches rows of a day nobody prepared.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

import parlons
from parlons.kit.errors import Refusal
from parlons.runtime.db import plain_dsn
from parlons.runtime.failures import database_failures
from parlons.runtime.schema import APP_ROLE, SYSTEM_ROLE

AHEAD = 14
PARTITIONED = ("journal", "journal_private")
_LOCK = 0x7061726C6F6E73
_OLDEST = 150000


class DatabaseNewer(Refusal):
    """The database was used by a newer version of Parlons. Run that version, or restore a backup made before the update."""

    code = "database-newer"
    status = 500


class TooOld(RuntimeError):
    """The PostgreSQL server is older than 15."""


def migrations_folder() -> Path:
    """Where the revisions are: inside an installed package, or at the root of a clone."""
    inside = Path(parlons.__file__).parent / "_migrations"
    return inside if inside.is_dir() else Path(parlons.__file__).parents[2] / "migrations"


def head() -> str:
    """The newest revision's id."""
    return max(revisions())


def revisions() -> set[str]:
    """The ids of all revisions this version knows."""
    return {path.stem for path in (migrations_folder() / "versions").glob("[0-9]*.py")}


async def current(connection: asyncpg.Connection) -> str | None:
    """The revision the database stands at, or None when it is empty."""
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return found


async def upgrade(dsn: str, *, now: datetime | None = None, to: str | None = None) -> None:
    """Brings the database to `to` (None: `head()`): roles, tables, partitions.

    Raises `TooOld` for a server before PostgreSQL 15, `DatabaseNewer` for a revision this version does not know."""
    with database_failures():
        connection = await asyncpg.connect(plain_dsn(dsn), timeout=30)
        try:
            if connection.get_server_version() < (15,) and await _version(connection) < _OLDEST:
                raise TooOld("Parlons needs PostgreSQL 15 or newer; set POSTGRES_BIN or DATABASE_URL to one")
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            stands = await current(connection)
            if stands is not None and stands not in revisions():
                raise DatabaseNewer(revision=stands)
            if stands != (to or head()):
                await _ensure_roles(connection)
                await _run_alembic(dsn, to or head())
            await keep_partitions(connection, now=now or datetime.now(UTC))
        finally:
            await connection.close()


async def _version(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("SELECT current_setting('server_version_num')"))


async def _ensure_roles(connection: asyncpg.Connection) -> None:
    for role in (APP_ROLE, SYSTEM_ROLE):
        await connection.execute(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", role):
            await connection.execute(f"GRANT {role} TO CURRENT_USER")
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {role}")


async def _run_alembic(dsn: str, to: str) -> None:
    plain = plain_dsn(dsn)
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(plain, timeout=30), poolclass=sa.NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade_to, to)
    finally:
        await engine.dispose()


def _upgrade_to(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def keep_partitions(connection: asyncpg.Connection, *, now: datetime, keep_days: int | None = None) -> None:
    """Makes the partitions of today and the next `AHEAD` days; drops those older than `keep_days` (None: keeps all).

    `connection` is the owner's login without a role, since partitions are tables."""
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)  # freed with the connection
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for table in PARTITIONED:
        there = await partitions_of(connection, table)
        for day in (today + timedelta(days=ahead) for ahead in range(-1, AHEAD)):
            if f"{table}_{day:%Y%m%d}" not in there:
                await _make_partition(connection, table, day)
        if keep_days is not None:
            oldest = f"{table}_{today - timedelta(days=keep_days):%Y%m%d}"
            for name in sorted(name for name in there if name < oldest and name[len(table) + 1 :].isdigit()):
                async with connection.transaction():
                    # A backup reads them: who waited for its end would hold up everybody who writes.
                    await connection.execute("SET LOCAL lock_timeout = '2s'")
                    await connection.execute(f"DROP TABLE {name}")


async def partitions_of(connection: asyncpg.Connection, table: str) -> set[str]:
    """The names of a table's partitions."""
    rows = await connection.fetch(
        "SELECT inhrelid::regclass::text name FROM pg_inherits WHERE inhparent = $1::regclass", table
    )
    return {row["name"] for row in rows}


async def make_partition_named(connection: asyncpg.Connection, table: str, name: str) -> None:
    """Makes the partition of a day by the name it has."""
    day = datetime.strptime(name.removeprefix(f"{table}_"), "%Y%m%d").replace(tzinfo=UTC)
    await _make_partition(connection, table, day)


async def _make_partition(connection: asyncpg.Connection, table: str, day: datetime) -> None:
    """A table beside, filled with what the default partition caught of that day, then attached."""
    name, start, end = f"{table}_{day:%Y%m%d}", day.isoformat(), (day + timedelta(days=1)).isoformat()
    async with connection.transaction():
        await connection.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        caught = f"DELETE FROM {table}_default WHERE at >= '{start}' AND at < '{end}' RETURNING *"  # noqa: S608  (names and days of our own)
        await connection.execute(f"WITH moved AS ({caught}) INSERT INTO {name} SELECT * FROM moved")  # noqa: S608
        await connection.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
        )
        await connection.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
