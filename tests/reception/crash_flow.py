"""A process that is killed between a flow's question and the customer's answer: before the answer's commit, or right after it.

Run by test_flow_steps.py: `python -m tests.reception.crash_flow DSN MOMENT`. It kills itself by SIGKILL.
"""

import asyncio
import os
import signal
import sys

from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.test_flow_chats import open_chat


async def answer(dsn: str, moment: str) -> None:
    """Take in the answer to a question that another process has asked."""
    clock = StillClock()
    database = await Database.open(dsn, pool_size=2, clock=clock)
    chat = await open_chat(database, clock)
    async with database.transaction(TENANT) as tx:
        await chat.write(tx, "5/11/2026", key="c2")
        if moment == "before-commit":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(answer(*sys.argv[1:3]))
