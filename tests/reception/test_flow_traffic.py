"""Which ways of a live flow contacts took, and where they stand: counted without a statement, written together, never twice."""

from collections.abc import AsyncIterator

import pytest

from parlons.reception.flow_traffic import HOUR, KEPT_DAYS, Seen, Traffic, forget_old_traffic, traffic_of
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import DAY, Chat, open_chat
from tests.reception.test_flow_trials import FLOW, OLD, visits


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """A widget answered by a flow; no router: what was asked for stays on the road."""
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(OLD)
    yield chat
    await chat.phone.close()


async def seen(chat: Chat, version: int = 1, *, since: int = 0) -> Seen:
    """What is written."""
    async with chat.db.transaction(TENANT) as tx:
        return await traffic_of(tx, FLOW, version, type(tx.now)(tx.now - since))


def traffic(chat: Chat) -> Traffic:
    """What the present process counted."""
    return chat.phone.outside.walker.traffic


async def test_each_way_is_counted_and_everybody_stands_somewhere(chat: Chat) -> None:
    await visits(chat, "V1", "Bonjour", "1")
    await visits(chat, "V2", "Bonjour", "2")
    await visits(chat, "V3", "Bonjour", "9")
    assert await seen(chat) == Seen({}, {"ask": 1, "wait": 1}), "nothing is written yet"
    await traffic(chat).write(chat.db)
    ways = {(None, "ask"): 3, ("ask", "bye"): 1, ("ask", "wait"): 1, ("bye", None): 1}
    assert await seen(chat) == Seen(ways, {"ask": 1, "wait": 1})
    await traffic(chat).write(chat.db)
    assert (await seen(chat)).ways == ways, "written once"
    chat.phone.fresh_process()
    await visits(chat, "V3", "2")
    await traffic(chat).write(chat.db)
    assert (await seen(chat)).ways == {**ways, ("ask", "bye"): 2, ("bye", None): 2}, "two processes add up"
    assert await seen(chat, 2) == Seen({}, {})


async def test_hours_pass_and_old_figures_go(chat: Chat) -> None:
    await visits(chat, "V1", "Bonjour")
    chat.clock.advance(2 * HOUR)
    await visits(chat, "V2", "Bonjour")
    await traffic(chat).write(chat.db)
    assert [(await seen(chat, since=since)).ways for since in (HOUR, 3 * HOUR)] == [
        {(None, "ask"): 1}, {(None, "ask"): 2}
    ]  # fmt: skip
    chat.clock.advance(KEPT_DAYS * DAY - HOUR)
    await forget_old_traffic(chat.db)
    assert (await seen(chat, since=KEPT_DAYS * DAY)).ways == {(None, "ask"): 1}


async def test_what_is_not_committed_is_not_counted_and_what_cannot_be_written_is_kept(chat: Chat) -> None:
    counted = traffic(chat)

    async def breaks() -> None:
        async with chat.db.transaction(TENANT) as tx:
            counted.count(tx, [(f"{FLOW}:1", None, "ask")])
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await breaks()
    assert not counted.counted
    async with chat.db.transaction(TENANT) as tx:
        counted.count(
            tx, [(f"{FLOW}:1", None, "ask"), ("made for one contact", None, "ask"), (f"{FLOW}:1", "bad\0step", None)]
        )
    with pytest.raises(Exception, match="NUL"):
        await counted.write(chat.db)
    assert sum(counted.counted.values()) == 2
    del counted.counted[next(key for key in counted.counted if "\0" in key[4])]
    await counted.write(chat.db)
    assert (await seen(chat)).ways == {(None, "ask"): 1}
