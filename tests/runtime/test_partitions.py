"""Partitions of the journal: made ahead, caught by the default one, dropped by retention."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from parlons.runtime.migrate import AHEAD, keep_partitions

NOW = datetime(2031, 5, 10, 12, tzinfo=UTC)


@pytest.fixture
async def login(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_database)
    try:
        yield connection
    finally:
        await connection.close()


async def put(login: asyncpg.Connection, at: datetime, seq: int) -> None:
    await login.execute("INSERT INTO journal VALUES ('AC', 'WS', $1, $1, 1, $2, '')", seq, at)


async def place(login: asyncpg.Connection, seq: int) -> str | None:
    return await login.fetchval("SELECT tableoid::regclass::text FROM journal WHERE last_seq = $1", seq)


async def test_rows_of_an_unprepared_day_move_to_their_partition(login: asyncpg.Connection) -> None:
    await put(login, NOW, 1)
    assert await place(login, 1) == "journal_default"
    await keep_partitions(login, now=NOW)
    assert await place(login, 1) == "journal_20310510"
    await put(login, NOW + timedelta(days=AHEAD - 1), 2)
    assert await place(login, 2) == "journal_20310523"
    await keep_partitions(login, now=NOW)


async def test_retention_drops_whole_days_and_nothing_younger(login: asyncpg.Connection) -> None:
    await keep_partitions(login, now=NOW)
    await put(login, NOW, 1)
    await keep_partitions(login, now=NOW + timedelta(days=3), keep_days=3)
    assert await place(login, 1) is not None
    await keep_partitions(login, now=NOW + timedelta(days=4), keep_days=3)
    assert await place(login, 1) is None
