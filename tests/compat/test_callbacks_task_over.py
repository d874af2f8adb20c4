"""A call that waits hears that its task was given up: nothing of the database waits for the telephone meanwhile."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from parlons.compat.callbacks import Callbacks
from parlons.compat.telling import TASK_OVER
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.runtime.jobs import Worker, enqueue
from parlons.runtime.journal import Entry
from parlons.runtime.safe_http import SafeHttp
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.telephone import ASKED
from tests.compat.led_stage import stage
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import beside

MINE = f"FROM jobs WHERE kind = '{TASK_OVER}'"


@pytest.fixture
async def planned(database: Database, clock: StillClock) -> None:
    """The router gave up a task in a desk's workspace."""
    async with database.transaction(TENANT) as tx:
        await tx.execute(
            "INSERT INTO workspaces (id, tenant_id, name, is_default, created_at) VALUES (:id, :mine, 'Desk', true, now())",
            {"id": WORKSPACE, "mine": TENANT},
        )
        await enqueue(tx, TASK_OVER, {"task_id": "WT" + "1" * 32})


@pytest.mark.usefixtures("planned")
async def test_what_takes_its_time_is_waited_for_without_a_transaction(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here, beside(here.centre, "second") as other:
        asked = asyncio.Event()

        def watch(_workspace: str, entries: Sequence[Entry], *_more: Any) -> None:
            if any(one.type == ASKED for one in entries):
                asked.set()

        here.centre.dispatch.watch(watch)
        here.centre.controller.ready.clear()  # its calls are being taken over: whoever asks waits
        callbacks = Callbacks(other.dispatch, SafeHttp(), other)
        working = asyncio.create_task(Worker(database, callbacks.assignments()).run_due())
        await asked.wait()
        async with database.system() as tx:
            assert await tx.scalar(f"SELECT state {MINE} FOR UPDATE SKIP LOCKED") == "running"
        here.centre.controller.ready.set()
        assert await working == 1
        async with database.system() as tx:
            assert await tx.scalar(f"SELECT count(*) {MINE}") == 0


@pytest.mark.usefixtures("planned")
async def test_while_nobody_carries_calls_it_is_tried_later_and_later(database: Database, clock: StillClock) -> None:
    callbacks = Callbacks(Dispatch(database, clock=clock), SafeHttp())
    worker = Worker(database, callbacks.assignments())
    for seconds in (2, 4, 8):
        assert await worker.run_due() == 1
        async with database.system() as tx:
            assert await tx.scalar(f"SELECT extract(epoch FROM run_at) * 1000 {MINE}") == clock() + seconds * 1000
        clock.advance(seconds * 1000)
