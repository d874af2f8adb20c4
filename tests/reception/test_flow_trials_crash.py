"""kill -9 while the last answer of a contact on trial is taken in: its outcome is there with its state, or neither is.

Run as a program (`python -m tests.reception.test_flow_trials_crash DSN MOMENT`) it is the process that dies.
"""

import asyncio
import os
import signal
import sys

import pytest

from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import open_chat
from tests.reception.test_flow_trials import OLD, begin, rows

STATUS = "SELECT status FROM flow_instances"


@pytest.mark.parametrize(("moment", "kept"), [("before-commit", False), ("after-commit", True)])
async def test_an_outcome_and_its_state_are_kept_together_or_not_at_all(
    database: Database, empty_database: str, clock: StillClock, moment: str, kept: bool
) -> None:
    await furnish(database)
    chat = await open_chat(database, clock)
    try:
        await chat.flow(OLD)
        await begin(chat, 50)
        await chat.says("Bonjour")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, empty_database, moment, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await asyncio.wait_for(process.communicate(), 200)
        assert process.returncode == -signal.SIGKILL, errors.decode()
        (side, outcome), *others = await rows(chat)
        assert others == []
        async with database.system() as tx:
            status = await tx.scalar(STATUS)
        assert (outcome, status) == (("contained", "ended") if kept else (None, "running"))
        await chat.says("2", key="c2")  # the page had no answer and sends again
        assert await rows(chat) == [(side, "contained")], "counted once"
    finally:
        await chat.phone.close()


async def _die(dsn: str, moment: str) -> None:
    database = await Database.open(dsn, pool_size=2, clock=StillClock())
    chat = await open_chat(database, StillClock())
    async with database.transaction(TENANT) as tx:
        await chat.write(tx, "2", key="c2")
        if moment == "before-commit":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(_die(sys.argv[1], sys.argv[2]))
