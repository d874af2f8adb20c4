"""A workspace that a program removes leaves nothing, also when the process dies right after the removal."""

import asyncio
from dataclasses import replace

import sqlalchemy as sa

from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.workspaces import create_workspace, workspaces
from parlons.compat import store
from parlons.compat.call import Call
from parlons.compat.callbacks import Callbacks
from parlons.compat.workspaces import SURELY_LEFT_MS, remove_workspace
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Database
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import SafeHttp
from tests.conftest import StillClock

HELD = "LOCK TABLE compat_notes IN EXCLUSIVE MODE"


async def test_what_a_removal_left_undone_is_done_later(database: Database, clock: StillClock) -> None:
    installation = await bootstrap(database, now=clock())
    tenant_id, principal = installation.tenant_id, installation.principal
    dispatch = Dispatch(database, clock=clock)
    async with database.transaction(tenant_id) as tx:
        gone = await create_workspace(tx, principal, "Programs", now=clock())
        mine = {"workspace_id": gone, "id": gone, "tenant_id": tenant_id, "data": "{}"}
        await tx.execute(sa.insert(store.notes).values(**mine, updated_at=to_datetime(clock())))
    await dispatch.open(gone, tenant_id)
    await dispatch.ready(gone, as_owner=True)
    asked = replace(principal, workspace_id=gone)
    call = Call(database, dispatch, clock, asked, "", "", ids={}, given={}, headers={})

    async def there() -> bool:
        async with database.transaction(tenant_id) as tx:
            return gone in [one.id for one in await workspaces(tx)]

    async with database.system() as tx:
        await tx.execute(HELD)  # the last thing that the removal does
        removing = asyncio.create_task(remove_workspace(call))
        while await there():
            assert not removing.done()
        removing.cancel()
        await asyncio.gather(removing, return_exceptions=True)
    await dispatch.close()
    async with database.system() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(store.notes)) == 1
    worker = Worker(database, Callbacks(dispatch, SafeHttp()).events())
    assert await worker.run_due() == 0
    clock.advance(SURELY_LEFT_MS)
    assert await worker.run_due() == 1
    async with database.system() as tx:
        for table in ("compat_notes", "journal", "leases"):
            asked_for = f"SELECT count(*) FROM {table} WHERE workspace_id = :gone"
            assert await tx.scalar(asked_for, {"gone": gone}) == 0, table
