"""A process that is killed while a visitor's message is stored: before the task is asked for, after it, after the commit.

Run by test_crash.py: `python -m tests.reception.crash DSN MOMENT`. It kills itself by SIGKILL at MOMENT.
"""

import asyncio
import os
import signal
import sys

from parlons.dispatch.dispatch import Dispatch
from parlons.reception import outcomes
from parlons.runtime import road
from parlons.runtime.db import Database, Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import Front


def die() -> None:
    """As a power cut would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


async def write(dsn: str, moment: str) -> None:
    """Store a message and ask for an agent."""
    clock = StillClock()
    database = await Database.open(dsn, pool_size=2, clock=clock)
    front = Front(database, Dispatch(database, clock=clock), clock)
    async with database.transaction(TENANT) as tx:
        if moment == "before-task":
            tx.run = dying(tx)  # type: ignore[method-assign]
        await front.write(tx, "Bonjour", key="c1")
        if moment == "before-commit":
            die()
    die()


def dying(tx):  # type: ignore[no-untyped-def]
    """A `run` that dies when the task's command row is about to be written."""
    run = tx.run

    async def guarded(statement, **values):  # type: ignore[no-untyped-def]
        if statement is road.SUBMIT:
            die()
        return await run(statement, **values)

    return guarded


async def carry(dsn: str, kind: str) -> None:
    """Own the router and read its journal, and die within the effects of the first entry of `kind`."""
    database = await Database.open(dsn, pool_size=4, clock=StillClock())
    dispatch = Dispatch(database, clock=database.clock)
    await dispatch.open(WORKSPACE, TENANT)

    async def handle(tx: Tx, entry: Entry) -> None:
        await outcomes.carry(tx, entry)
        if entry.type == kind:
            die()

    types = frozenset({kind, "task-queue.entered"})
    await Reader(dispatch.tail(WORKSPACE), TENANT, outcomes.NAME, types, handle).run()


if __name__ == "__main__":
    moment = sys.argv[2]
    asyncio.run(carry(sys.argv[1], moment) if "." in moment else write(sys.argv[1], moment))
