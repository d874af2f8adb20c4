"""The command road: with its cause or not at all, once per key, in order, until carried out."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from parlons.runtime.db import Database
from parlons.runtime.road import Done, finish_commands, forget_commands, outcome, submit, take_commands

T, W = "ACaaaa", "WSaaaa"


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.connect_system()
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_command_is_taken_in_order_and_answers_its_key(database: Database, owner: asyncpg.Connection) -> None:
    async with database.transaction(T) as tx:
        assert await submit(tx, W, {"type": "tick", "n": 1}, key="a", private={"x": "Zoe"}, private_key="WT1")
        assert await submit(tx, W, {"type": "tick", "n": 2}, key="b")
        assert not await submit(tx, W, {"type": "tick", "n": 3}, key="a")
        assert await outcome(tx, W, "a") is None
    waiting = await take_commands(owner, W, 10)
    assert [(row.key, row.body["n"], row.private) for row in waiting] == [("a", 1, {"x": "Zoe"}), ("b", 2, None)]
    await finish_commands(owner, [Done(waiting[0].id, "done", {"seq": 7}), Done(waiting[1].id, "refused", None)])
    assert await take_commands(owner, W, 10) == []
    async with database.transaction(T) as tx:
        assert await outcome(tx, W, "a") == Done(waiting[0].id, "done", {"seq": 7})
        assert await outcome(tx, W, "b") == Done(waiting[1].id, "refused", None)
    assert await owner.fetchval("SELECT count(*) FROM commands WHERE private IS NOT NULL") == 0


async def test_a_command_of_a_failed_transaction_never_was(database: Database, owner: asyncpg.Connection) -> None:
    async def fail() -> None:
        async with database.transaction(T) as tx:
            await submit(tx, W, {}, key="a")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await take_commands(owner, W, 10) == []


async def test_the_owner_in_this_process_is_woken_by_a_call(database: Database) -> None:
    woken: list[str] = []
    stop, stop_other = (database.signals.own(W, lambda who=who: woken.append(who)) for who in ("one", "other"))
    async with database.transaction(T) as tx:
        await submit(tx, W, {}, key="a")
    assert woken == ["one", "other"]
    stop()
    async with database.transaction(T) as tx:
        await submit(tx, W, {}, key="b")
    assert woken == ["one", "other", "other"]
    stop_other()


async def test_old_outcomes_are_forgotten_and_waiting_ones_never(database: Database, owner: asyncpg.Connection) -> None:
    async with database.transaction(T) as tx:
        await submit(tx, W, {}, key="a")
        await submit(tx, W, {}, key="b")
    waiting = await take_commands(owner, W, 1)
    await finish_commands(owner, [Done(waiting[0].id, "done", None)])
    assert await forget_commands(owner, days=0) == 1
    assert [row.key for row in await take_commands(owner, W, 10)] == ["b"]
