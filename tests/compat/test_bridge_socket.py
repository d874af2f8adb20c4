"""A socket of the bridge ends with what it stands on, and leaves its worker as it was asked to."""

import asyncio
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
import pytest

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.accounts.keys import KeyWanted, create_key, revoke_key
from parlons.accounts.model import Scope
from parlons.accounts.workspaces import create_workspace
from parlons.compat.bridge_socket import EXPIRED, Bridge
from parlons.compat.doors import Door
from parlons.dispatch.dispatch import Dispatch
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Settings
from parlons.runtime.db import Database
from tests.conftest import StillClock

READY, OFFLINE, WORKER = "WA" + "4" * 32, "WA" + "5" * 32, "WK" + "4" * 32
DOOR = Door("event-bridge", "/v1/wschannels", "/_event-bridge")
Json = dict[str, Any]
LEFT: Json = {"type": "websocket.disconnect", "code": 1001}


class Floor:
    """A workspace with one available worker, and sockets of his at the server's end."""

    def __init__(self, database: Database, clock: StillClock, installation: Installation) -> None:
        self.database, self.clock, self.installation = database, clock, installation
        self.dispatch = Dispatch(database, clock=clock)
        self.app = SimpleNamespace(state=SimpleNamespace(db=database, dispatch=self.dispatch, clock=clock))
        self.workspace_id = self.key_id = self.secret = ""

    async def furnish(self) -> None:
        tenant_id, principal = self.installation.tenant_id, self.installation.principal
        async with self.database.transaction(tenant_id) as tx:
            self.workspace_id = await create_workspace(tx, principal, "Programs", now=self.clock())
            wanted = KeyWanted("Programs", frozenset({Scope.WRITE}))
            key, self.secret = await create_key(tx, principal, wanted, queues=lambda _: None, now=self.clock())
        self.key_id = key["id"]
        await self.dispatch.open(self.workspace_id, tenant_id)
        await self.dispatch.ready(self.workspace_id, as_owner=True)
        put = (Activity(READY, "Ready", True), Activity(OFFLINE, "Offline", False))
        settings = Settings(default_activity_id=READY, timeout_activity_id=OFFLINE)
        await self.dispatch.send(self.workspace_id, c.Configure(put=put, settings=settings))
        await self.dispatch.send(self.workspace_id, c.PutWorker(WORKER, "Ada", {}))

    def token(self) -> str:
        now = self.clock() // 1000
        grant = {"workspace_sid": self.workspace_id, "worker_sid": WORKER, "role": "worker"}
        claims = {"iss": self.key_id, "sub": self.installation.tenant_id, "exp": now + 600}
        headers = {"cty": "twilio-fpa;v=1"}
        return jwt.encode({**claims, "grants": {"task_router": grant}}, self.secret, headers=headers)

    def socket(self, bridge: Bridge, **query: str) -> "End":
        return End(self, bridge, urlencode({"token": self.token(), **query}))


class End:
    """The browser's end of one socket, as ASGI has it."""

    def __init__(self, floor: Floor, bridge: Bridge, query: str) -> None:
        self.said: asyncio.Queue[Json] = asyncio.Queue()
        self.heard: asyncio.Queue[Json] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "app": floor.app,
            "query_string": query.encode(),
            "headers": [],
            "path": DOOR.path,
        }
        self.serving = asyncio.create_task(bridge.serve(scope, self.said.get, self.heard.put, DOOR))

    async def begun(self) -> None:
        heard = asyncio.create_task(self.heard.get())
        await asyncio.wait((heard, self.serving), return_when=asyncio.FIRST_COMPLETED)
        assert heard.done(), self.serving.exception()
        assert (await heard)["type"] == "websocket.accept"
        assert msgspec.json.decode((await self.heard.get())["text"])["event_type"] == "init"

    async def leave(self) -> None:
        self.said.put_nowait(LEFT)
        await self.serving


@pytest.fixture
async def floor(database: Database, clock: StillClock) -> Floor:
    found = Floor(database, clock, await bootstrap(database, now=clock()))
    await found.furnish()
    return found


async def test_a_worker_goes_offline_once_his_last_socket_stays_away(floor: Floor) -> None:
    bridge = Bridge(floor.dispatch, away=0.0)
    offline: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(_workspace: str, entries: Any, _batch: Any, _base: int) -> None:
        if any(entry.type == "worker.activity.update" for entry in entries) and not offline.done():
            offline.set_result(None)

    floor.dispatch.watch(watch)
    asked, other = (floor.socket(bridge, setWorkerOfflineIfDisconnected=each) for each in ("true", "false"))
    await asked.begun()
    await other.begun()
    await asked.leave()
    await other.leave()
    assert not offline.done(), "another socket was open, and that one did not ask for it"
    last = floor.socket(bridge, setWorkerOfflineIfDisconnected="true")
    await last.begun()
    await last.leave()
    await offline
    assert floor.dispatch.state(floor.workspace_id).workers[WORKER].activity_id == OFFLINE
    await floor.dispatch.close()


async def test_the_last_socket_may_end_while_another_one_opens(floor: Floor) -> None:
    """A commit is under way whenever a socket opens; the one before it leaves just then."""
    bridge, busy = Bridge(floor.dispatch, away=0.0), asyncio.Event()

    async def commits(first: str, then: str) -> None:
        while not busy.is_set():
            for activity in (first, then):
                await floor.dispatch.send(floor.workspace_id, c.SetActivity(WORKER, activity))

    committing = [asyncio.create_task(commits(READY, OFFLINE))]
    async with floor.database.system():
        committing.append(asyncio.create_task(commits(OFFLINE, READY)))
    last = floor.socket(bridge)
    await last.begun()
    for alone in ("true", "false") * 5:
        leaves = iter((lambda: None, lambda last=last: last.said.put_nowait(LEFT)))  # asked who he is, then let in

        def clock(leaves: Any = leaves) -> int:
            next(leaves, lambda: None)()
            return floor.clock()

        floor.app.state.clock = clock
        following = floor.socket(bridge, closeExistingSessions=alone)
        await following.begun()
        await last.serving
        last = following
    busy.set()
    await asyncio.gather(*committing)
    await last.leave()
    await floor.dispatch.close()


async def test_a_revoked_key_ends_its_sockets_within_a_heartbeat(floor: Floor) -> None:
    end = floor.socket(Bridge(floor.dispatch, heartbeat=0.05))
    await end.begun()
    assert (await end.heard.get())["text"] == " "
    tenant_id, principal = floor.installation.tenant_id, floor.installation.principal
    async with floor.database.transaction(tenant_id) as tx:
        await revoke_key(tx, principal, floor.key_id, now=floor.clock())
    while (told := await end.heard.get())["type"] != "websocket.close":
        assert told["text"] == " "
    assert told["code"] == EXPIRED
    await end.serving
    await floor.dispatch.close()
