"""Calls reach a program's addresses: events in order, and the fallback when the first address does not answer as it should."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import msgspec
import pytest
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from parlons.accounts.account_tokens import account_token
from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.workspaces import create_workspace
from parlons.compat import store
from parlons.compat.callbacks import Callbacks
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import to_datetime
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Settings, Workflow
from parlons.runtime import jobs
from parlons.runtime.db import Database
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.conftest import StillClock

READY, QUEUE, WORKFLOW = "WA" + "1" * 32, "WQ" + "1" * 32, "WW" + "1" * 32
WORKER, TASK = "WK" + "1" * 32, "WT" + "1" * 32
Asked = tuple[str, dict[str, str], str]


class Program:
    """A program's addresses; `/first` fails, `/second` accepts."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[Asked] = asyncio.Queue()
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        named = {name.lower(): value for name, value in fields.items()}
        form = dict(
            parse_qsl((await reader.readexactly(int(named["content-length"]))).decode(), keep_blank_values=True)
        )
        path = head.split(" ")[1]
        self.asked.put_nowait((path, form, named["x-twilio-signature"]))
        body = b'{"instruction": "accept"}' if path == "/second" else b""
        status = b"500 Broken" if path == "/first" else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    found = Program()
    server = await asyncio.start_server(found.answer, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


async def test_events_come_in_order_and_the_fallback_is_asked(
    database: Database, clock: StillClock, program: Program
) -> None:
    installation = await bootstrap(database, now=clock())
    tenant_id, principal = installation.tenant_id, installation.principal
    async with database.transaction(tenant_id) as tx:
        workspace_id = await create_workspace(tx, principal, "Programs", now=clock())
        token = await account_token(tx, principal, now=clock())
        wanted = "task.created,reservation.created,reservation.accepted"
        noted = {
            workspace_id: {"event_callback_url": f"{program.url}/events", "events_filter": wanted},
            WORKFLOW: {
                "assignment_callback_url": f"{program.url}/first",
                "fallback_assignment_callback_url": f"{program.url}/second",
            },
        }
        mine = {"workspace_id": workspace_id, "tenant_id": tenant_id, "updated_at": to_datetime(clock())}
        rows = [{**mine, "id": name, "data": msgspec.json.encode(data).decode()} for name, data in noted.items()]
        await tx.execute(sa.insert(store.notes), rows)
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    async with SafeHttp(allowed(["127.0.0.1"])) as http:
        callbacks = Callbacks(dispatch, http)
        running = [
            asyncio.create_task(callbacks.reader(workspace_id, tenant_id).run()),
            asyncio.create_task(jobs.Worker(database, callbacks.events(), at_once=2).run()),
            asyncio.create_task(jobs.Worker(database, callbacks.assignments(), at_once=2).run()),
        ]
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": QUEUE}}}
        put = (Activity(READY, "Ready", True), Queue(QUEUE, "All"), Workflow(WORKFLOW, "Way", routing))
        await dispatch.send(workspace_id, c.Configure(put=put, settings=Settings(default_activity_id=READY)))
        await dispatch.send(workspace_id, c.PutWorker(WORKER, "Ada", {"level": 3}))
        await dispatch.send(workspace_id, c.CreateTask(TASK, {"order": "A-1"}, WORKFLOW))
        asked: list[Asked] = [await program.asked.get() for _ in range(5)]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    await dispatch.close()
    for path, form, signed in asked:
        assert RequestValidator(token).validate(program.url + path, form, signed), path
    told = [form["EventType"] for path, form, _ in asked if path == "/events"]
    assert told == wanted.split(",")
    first, second = ((path, form) for path, form, _ in asked if path != "/events")
    assert (first[0], second[0]) == ("/first", "/second")
    assert first[1] == second[1]
    assert (first[1]["TaskAttributes"], first[1]["WorkerAttributes"]) == ('{"order":"A-1"}', '{"level":3}')
    assert first[1]["TaskSid"] == TASK
