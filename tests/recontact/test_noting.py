"""Who left through a real router: a chat whose customer ends it while he waits, a caller who hangs up."""

import asyncio

import pytest

from parlons.conversations import afterwards
from parlons.conversations import commands as conversations
from parlons.customers import commands as customers
from parlons.recontact import noting
from parlons.routing import commands as c
from parlons.runtime.jobs import Worker
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, Front, front

__all__ = ["front"]


async def test_the_reader_notes_each_who_left_with_his_wait(front: Front) -> None:
    reading = asyncio.create_task(noting.reader(front.dispatch.tail(WORKSPACE), TENANT).run())
    try:
        chat = await front.writes(visitor="V1")
        call = await front.writes(visitor="V2")
        await front.task(call.task_id, "reserved")
        front.clock.advance(90_000)
        await front.act(conversations.customer_left, visitor="V1")
        await front.dispatch.send(WORKSPACE, c.CancelTask(call.task_id or "", "hangup"))
        for task_id, reason in ((chat.task_id, "left-chat"), (call.task_id, "hung-up")):
            query = "SELECT * FROM leavers WHERE task_id = :id"
            row = await front.row(query, lambda _: True, id=task_id)
            assert (row["reason"], row["waited_ms"], row["state"]) == (reason, 90_000, "waiting")
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.parametrize(("comes_back", "noted"), [(False, 1), (True, 0)])
async def test_who_closes_the_page_while_he_waits_has_left_unless_he_is_soon_back(
    front: Front, comes_back: bool, noted: int
) -> None:
    await front.writes()
    found = await front.now()
    front.clock.advance(45_000)
    async with front.db.transaction(TENANT) as tx:
        await afterwards.left_site(tx, found.customer_id)
    front.clock.advance(30_000)
    if comes_back:
        async with front.db.transaction(TENANT) as tx:
            await customers.record_touch(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="page", data={"url": "/"}, customer_id=found.customer_id
            )
    front.clock.advance(30_000)
    await Worker(front.db, {afterwards.LEFT_CHAT: noting.left_chat}).run_due()
    async with front.db.system() as tx:
        rows = await tx.fetch_all("SELECT * FROM leavers")
    assert [(row["reason"], row["waited_ms"], row["task_id"]) for row in rows] == [
        ("left-chat", 45_000, found.lead_task_id)
    ] * noted


async def test_who_is_served_and_closes_the_page_has_not_left(front: Front) -> None:
    await front.writes()
    found = await front.accepted()
    async with front.db.transaction(TENANT) as tx:
        await afterwards.left_site(tx, found.customer_id)
    front.clock.advance(60_000)
    await Worker(front.db, {afterwards.LEFT_CHAT: noting.left_chat}).run_due()
    async with front.db.system() as tx:
        assert await tx.fetch_all("SELECT * FROM leavers") == []
