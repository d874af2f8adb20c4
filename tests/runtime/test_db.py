"""Transactions: commit at the end, roll back on any exception, one tenant, events only after the commit."""

import asyncio
import importlib
import pkgutil
import re
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import StatementError

import parlons
from parlons.runtime import readers
from parlons.runtime.db import Database
from parlons.runtime.events import Event
from parlons.runtime.failures import UnstorableNumber, UnstorableText
from parlons.runtime.migrate import current, head, upgrade
from parlons.runtime.schema import metadata, outbox
from tests.conftest import Postgres

TELLING = {"add_table", "remove_table", "add_column", "remove_column", "add_index", "remove_index"}
"""Differences of names of constraints and of comments are none; those of columns come as lists."""
A, B = "ACaaaa", "ACbbbb"


async def count(database: Database) -> int:
    async with database.system() as tx:
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(outbox)))


async def test_an_event_is_stored_with_its_transaction(database: Database) -> None:
    async with database.transaction(A) as tx:
        tx.publish(Event("WS1", "thing.done", {"id": "X"}, firm_id="FI1"))
    async with database.system() as tx:
        row = await tx.fetch_one(sa.select(outbox))
    assert row is not None
    assert (row["tenant_id"], row["type"], row["audience"][0], row["at"]) == (A, "thing.done", "FI1", database.clock())


async def test_a_failed_transaction_tells_nothing(database: Database) -> None:
    called: list[str] = []

    async def fail() -> None:
        async with database.transaction(A) as tx:
            tx.publish(Event("WS1", "thing.done", {}))
            tx.after_commit(lambda: called.append("x"))
            raise KeyError("no")

    with pytest.raises(KeyError):
        await fail()
    assert await count(database) == 0
    assert called == []


async def test_after_commit_runs_after_the_commit(database: Database) -> None:
    called: list[str] = []
    async with database.transaction(A) as tx:
        tx.after_commit(lambda: called.append("x"))
        assert called == []
    assert called == ["x"]


async def test_a_transaction_sees_its_tenant_only(database: Database) -> None:
    async with database.transaction(A) as tx:
        await readers.advance(tx, "r", "WS1", 5)
    async with database.transaction(B) as tx:
        assert await readers.position(tx, "r", "WS1") is None
    async with database.transaction(A) as tx:
        assert await readers.position(tx, "r", "WS1") == 5


async def test_a_pooled_connection_forgets_its_tenant(database: Database) -> None:
    async with database.transaction(A):
        pass
    async with database.system() as tx:
        assert (await tx.scalar("SELECT current_setting('app.tenant', true)")) in (None, "")


async def test_whoever_is_cancelled_leaves_no_transaction_to_the_next(empty_database: str) -> None:
    """Also where it is cancelled while BEGIN is on its way: the next one would end in 25P02, or see another's moment."""
    database = await Database.open(empty_database, pool_size=1)
    complaints: list[str] = []

    def heard(_: object, message: Any) -> None:
        complaints.append(message.message)

    async def ask() -> None:
        async with database.transaction(A) as tx:
            (await tx.raw()).remove_log_listener(heard)
            (await tx.raw()).add_log_listener(heard)
            await tx.scalar("SELECT 1")

    for turns in range(40):
        await ask()
        asked = asyncio.create_task(ask())
        for _ in range(turns):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait([asked])
    await ask()
    await database.close()
    assert "there is already a transaction in progress" not in complaints


async def test_what_no_database_keeps_is_refused(database: Database) -> None:
    async def keep(value: object) -> None:
        kind = {str: sa.Text, int: sa.Integer}.get(type(value), JSONB)
        async with database.transaction(A) as tx:
            await tx.scalar(sa.select(sa.cast(value, kind)))

    for text in ("nothing\0", "half a sign \ud800"):
        with pytest.raises(UnstorableText):
            await keep(text)
        with pytest.raises(UnstorableText):
            await keep({"said": text})
    for number in (2**40, {"count": 2**70}):
        with pytest.raises(UnstorableNumber):
            await keep(number)
    with pytest.raises(StatementError):  # no value that was sent: a fault of ours stays one
        await keep({"said": object()})


async def test_upgrade_is_repeatable_and_may_run_twice_at_once(postgres: Postgres, empty_database: str) -> None:
    await asyncio.gather(upgrade(empty_database), upgrade(empty_database))
    connection = await asyncpg.connect(empty_database)
    try:
        assert await current(connection) == head()
    finally:
        await connection.close()


async def test_declared_tables_are_the_migrated_ones(database: Database) -> None:
    """Whoever changes a `Table` without a migration, or the other way round, is told here."""
    for module in pkgutil.walk_packages(parlons.__path__, "parlons."):
        if module.name.endswith(".store"):
            importlib.import_module(module.name)
    async with database.system() as tx:
        assert await tx.conn.run_sync(_differences) == []


def _differences(connection: sa.Connection) -> list[Any]:
    def wanted(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and re.fullmatch(r"journal(_private)?_(default|\d+)", name or ""))

    context = MigrationContext.configure(connection, opts={"include_name": wanted, "compare_type": True})
    found = compare_metadata(context, metadata)
    real = [one for one in found if isinstance(one, list) or one[0] in TELLING]
    return [one for one in real if not (isinstance(one, list) and one[0][0] == "modify_comment")]
