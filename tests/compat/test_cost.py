"""What a task costs that a program makes: one commit of the router, and nothing else of the database."""

from types import SimpleNamespace

import httpx
from fastapi import FastAPI

from parlons.accounts.account_tokens import account_token
from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.sessions import KEY_REVOKED
from parlons.accounts.workspaces import create_workspace
from parlons.compat.callbacks import Plan
from parlons.compat.face import Face
from parlons.compat.notes import NOTED
from parlons.dispatch.dispatch import Dispatch
from parlons.routing import commands as c
from parlons.routing.configuration import Queue
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.journal import Entry
from parlons.runtime.remembered import Remembered
from parlons.runtime.schema import SYSTEM_ROLE
from parlons.testing.statements import statements
from tests.conftest import StillClock

QUEUE = "WQ" + "3" * 32


async def test_a_task_asks_the_database_once_and_a_renewed_token_ends_at_once(
    database: Database, clock: StillClock
) -> None:
    database.remembered = Remembered(clock, KEY_REVOKED)
    installation = await bootstrap(database, now=clock())
    tenant_id, principal = installation.tenant_id, installation.principal
    async with database.transaction(tenant_id) as tx:
        workspace_id = await create_workspace(tx, principal, "Programs", now=clock())
        token = await account_token(tx, principal, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    await dispatch.send(workspace_id, c.Configure(put=(Queue(QUEUE, "Nobody's", "1==2"),)))
    app = FastAPI()
    app.state.db, app.state.dispatch, app.state.clock = database, dispatch, clock
    app.state.settings, app.state.voice = SimpleNamespace(http_allow=None), None
    app.add_middleware(Face)
    form = {"Attributes": '{"order": "A-1"}', "TaskQueueSid": QUEUE}
    path = f"/_taskrouter/v1/Workspaces/{workspace_id}/Tasks"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", auth=(tenant_id, token)) as client:
        assert (await client.post(path, data=form)).status_code == 201
        with statements(database) as asked, statements(database, SYSTEM_ROLE) as looked_up:
            for _ in range(10):
                assert (await client.post(path, data=form)).status_code == 201
        assert [*asked.transactions, *looked_up.transactions] == [], "the router's own commit is all"
        async with database.transaction(tenant_id) as tx:
            await account_token(tx, principal, now=clock(), renew=True)
        assert (await client.post(path, data=form)).status_code == 401
    async with database.system() as tx:
        first, *more = await journal.read(await tx.raw(), workspace_id, 0, 1000)
    plan = Plan(workspace_id)
    assert plan.wants(first), "the addresses are not known yet"
    async with database.transaction(tenant_id) as tx:
        await plan.handle(tx, first)
    assert len(more) > 30
    assert not any(plan.wants(entry) for entry in more), "nobody is to be called"
    assert plan.wants(Entry("event", NOTED, clock(), {})), "addresses may have come"
    await dispatch.close()
