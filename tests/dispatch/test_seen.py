"""A command that is bound to what its caller has seen: of two for one state, one is refused, on both roads."""

import asyncio

import pytest

from parlons.accounts.bootstrap import bootstrap
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.errors import ChangedMeanwhile
from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Target
from parlons.runtime.db import Database
from tests.conftest import StillClock

QUEUE, TASK, WORKER, READY = "WQ" + "7" * 32, "WT" + "7" * 32, "WK" + "7" * 32, "WA" + "7" * 32


async def _mark(dispatch: Dispatch, workspace_id: str, thing_id: str) -> str:
    _, found = await dispatch.committed(workspace_id, lambda stepper: stepper.views.mark(thing_id))
    assert isinstance(found, str)
    return found


async def test_one_of_two_changes_of_the_same_state_is_refused(database: Database, clock: StillClock) -> None:
    installation = await bootstrap(database, now=clock())
    tenant_id, workspace_id = installation.tenant_id, installation.workspace_id
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    await dispatch.send(workspace_id, c.Configure(put=(Queue(QUEUE, "Nobody's", "1==2"),)))
    await dispatch.send(workspace_id, c.CreateTask(TASK, {}, None, Target("queue", QUEUE)))
    seen = (TASK, await _mark(dispatch, workspace_id, TASK))
    sent = [dispatch.send(workspace_id, c.UpdateTask(TASK, priority=each), seen=seen) for each in (5, 6)]
    found = await asyncio.gather(*sent, return_exceptions=True)
    assert [isinstance(each, ChangedMeanwhile) for each in found] == [False, True]
    assert dispatch.state(workspace_id).tasks[TASK].priority == 5

    async with database.transaction(tenant_id) as tx:
        await submit(tx, workspace_id, c.UpdateTask(TASK, priority=7), key="late", seen=seen)
    with pytest.raises(Refusal) as refused:
        await dispatch.outcome_of(workspace_id, "late")
    assert refused.value.code == ChangedMeanwhile.code
    assert dispatch.state(workspace_id).tasks[TASK].priority == 5
    async with database.transaction(tenant_id) as tx:
        fresh = (TASK, await _mark(dispatch, workspace_id, TASK))
        await submit(tx, workspace_id, c.UpdateTask(TASK, priority=8), key="fresh", seen=fresh)
    await dispatch.outcome_of(workspace_id, "fresh")
    assert dispatch.state(workspace_id).tasks[TASK].priority == 8
    await dispatch.close()


async def test_a_worker_is_marked_by_what_he_is_not_by_what_he_is_offered(
    database: Database, clock: StillClock
) -> None:
    installation = await bootstrap(database, now=clock())
    workspace_id = installation.workspace_id
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(workspace_id, installation.tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    await dispatch.send(workspace_id, c.Configure(put=(Activity(READY, "Ready", True),)))
    await dispatch.send(workspace_id, c.PutWorker(WORKER, "Ada", {"level": 3}, activity_id=READY))
    first = await _mark(dispatch, workspace_id, WORKER)
    await dispatch.send(workspace_id, c.SetChannel(WORKER, "default", 5, None))
    assert await _mark(dispatch, workspace_id, WORKER) == first
    await dispatch.send(workspace_id, c.SetWorkerAttributes(WORKER, {"level": 4}))
    assert await _mark(dispatch, workspace_id, WORKER) != first
    await dispatch.close()
