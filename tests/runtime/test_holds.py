"""Held work: nothing is claimed while a hold stands; released, it runs, but what was discarded."""

from typing import Any

from parlons.runtime import holds
from parlons.runtime.db import Database, Tx
from parlons.runtime.jobs import Job, Worker, enqueue

T = "ACaaaa"


class Sender:
    """Notes what was sent."""

    def __init__(self, database: Database) -> None:
        self.sent: list[Any] = []
        self.worker = Worker(database, {"mail": self, "call": self})

    async def __call__(self, tx: Tx, job: Job) -> None:
        self.sent.append((job.kind, job.payload["n"]))


async def plan(database: Database, kind: str, *numbers: int) -> None:
    async with database.transaction(T) as tx:
        for number in numbers:
            await enqueue(tx, kind, {"n": number})


async def held(database: Database) -> dict[str, int] | None:
    async with database.system() as tx:
        hold = await holds.held(tx)
    return None if hold is None else {kind.kind: kind.due for kind in hold.kinds}


async def test_nothing_is_done_until_the_release(database: Database) -> None:
    sender = Sender(database)
    await plan(database, "mail", 1, 2)
    async with database.system() as tx:
        await holds.hold(tx, {"taken_at": "then"})
    await plan(database, "mail", 3)
    assert await sender.worker.run_due() == 0
    assert await held(database) == {"mail": 3}
    async with database.system() as tx:
        assert await holds.release(tx) == {}
    assert await sender.worker.run_due() == 3
    assert sender.sent == [("mail", 1), ("mail", 2), ("mail", 3)]
    assert await held(database) is None


async def test_what_is_discarded_is_never_done(database: Database) -> None:
    sender = Sender(database)
    await plan(database, "mail", 1, 2)
    await plan(database, "call", 3)
    async with database.system() as tx:
        await holds.hold(tx, {})
        await holds.hold(tx, {})  # a backup of a centre that was held itself
    async with database.system() as tx:
        assert await holds.release(tx, discard=["mail", "mail", "unknown"]) == {"mail": 2, "unknown": 0}
    await sender.worker.run_due()
    assert sender.sent == [("call", 3)]


async def test_without_a_hold_a_release_does_nothing(database: Database) -> None:
    await plan(database, "mail", 1)
    async with database.system() as tx:
        assert await holds.release(tx, discard=["mail"]) is None
    sender = Sender(database)
    await sender.worker.run_due()
    assert sender.sent == [("mail", 1)]
