"""A workspace that is removed at one process is left at the others by what the journal tells, not by the next look."""

import asyncio

from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.workspaces import create_workspace, remove_workspace
from parlons.app.other_workspaces import Others
from parlons.compat.callbacks import Callbacks
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.runtime.safe_http import SafeHttp
from tests.conftest import StillClock


async def test_every_process_leaves_a_removed_workspace(database: Database, clock: StillClock) -> None:
    installation = await bootstrap(database, now=clock())
    desk, tenant_id, principal = installation.workspace_id, installation.tenant_id, installation.principal
    async with database.transaction(tenant_id) as tx:
        workspace_id = await create_workspace(tx, principal, "Programs", now=clock())
    here, there = Dispatch(database, clock=clock), Dispatch(database, clock=clock)
    for each in (here, there):
        await each.open(desk, tenant_id)
        await each.ready(desk)
        await each.open(workspace_id, tenant_id)
        await each.ready(workspace_id)
    async with SafeHttp() as http:
        others = Others(database, there, {desk}, Callbacks(there, http))
        stop = there.watch(others._heard)
        async with database.transaction(tenant_id) as tx:
            await remove_workspace(tx, principal, workspace_id, now=clock())
        while workspace_id in there.workspaces():  # noqa: ASYNC110 (a seat that is left sends no notice)
            await asyncio.sleep(0.01)
        stop()
    await here.close()
    await there.close()
