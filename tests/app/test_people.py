"""A right that ends, ends on open screens too, in every process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.websockets import WebSocket

from parlons.accounts import sessions
from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.accounts.model import Principal
from parlons.app.configuration.apply import apply
from parlons.app.people import people_of
from parlons.app.socket import SIGNED_OUT, desk_socket
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.runtime.hub import Hub
from tests.conftest import StillClock

FILE = """
workspace: {default_activity: Offline}
activities: [{name: Offline}]
users: [{email: sofia@firm.test, name: Sofia}]
"""


class Dropped(Hub):
    """A hub that tells whom it dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.users: asyncio.Queue[str] = asyncio.Queue()

    def drop(self, workspace_id: str, user_id: str) -> None:
        super().drop(workspace_id, user_id)
        self.users.put_nowait(user_id)


@pytest.fixture
async def floor(database: Database, clock: StillClock) -> AsyncIterator[SimpleNamespace]:
    """Two processes' worth of dispatch; the second one, a standby, is watched."""
    installation: Installation = await bootstrap(database, now=clock())
    first, second, hub = Dispatch(database, clock=clock, name="1"), Dispatch(database, clock=clock, name="2"), Dropped()
    await first.open(installation.workspace_id, installation.tenant_id)
    await first.ready(installation.workspace_id, as_owner=True)
    await second.open(installation.workspace_id, installation.tenant_id)
    await second.ready(installation.workspace_id)
    follow = people_of(second, hub, installation.tenant_id, installation.workspace_id)
    yield SimpleNamespace(
        db=database, clock=clock, installation=installation, first=first, second=second, hub=hub, follow=follow
    )
    await second.close()
    await first.close()


@contextlib.asynccontextmanager
async def following(floor: SimpleNamespace) -> AsyncIterator[None]:
    """The second process follows, from where the journal is now."""
    begun = asyncio.Event()
    tail = floor.second.tail(floor.installation.workspace_id)
    grown = tail.grown

    async def looks(after_seq: int) -> None:
        begun.set()
        await grown(after_seq)

    tail.grown = looks
    task = asyncio.ensure_future(floor.follow())
    await begun.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def applied(floor: SimpleNamespace, source: str, **options: bool) -> dict[str, str]:
    """By the first process; the links of who is new."""
    principal = floor.installation.principal
    done = await apply(floor.db, floor.first, principal, source, now=floor.clock(), environ={}, **options)
    return done.links


async def test_who_came_before_the_journal_is_followed_is_known(floor: SimpleNamespace) -> None:
    await applied(floor, FILE)
    async with following(floor):
        assert floor.second.users == floor.first.users != {}


async def test_who_is_signed_out_while_his_screen_opens_gets_none(
    floor: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = (await applied(floor, FILE))["sofia@firm.test"]
    signed_in = await sessions.sign_in_by_link(floor.db, link, now=floor.clock())
    read = sessions.principal_of

    async def read_and_ended(*given: Any) -> Principal:
        found = await read(*given)
        async with floor.db.transaction(found.tenant_id) as tx:
            await sessions.sign_out(tx, found, signed_in.token)
        floor.hub.drop(found.workspace_id, found.user_id or "")
        return found

    monkeypatch.setattr(sessions, "principal_of", read_and_ended)
    state = SimpleNamespace(db=floor.db, hub=floor.hub, dispatch=floor.first, clock=floor.clock)
    headers = [(b"cookie", f"{sessions.COOKIE}={signed_in.token}".encode())]
    scope = {
        "type": "websocket",
        "app": SimpleNamespace(state=state),
        "path": "/",
        "query_string": b"",
        "headers": headers,
    }
    said = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}])
    heard: list[Any] = []

    async def receive() -> Any:
        return next(said)

    async def send(message: Any) -> None:
        heard.append(message)

    await desk_socket(WebSocket(scope, receive, send))
    assert [one.get("code") for one in heard] == [None, SIGNED_OUT]


async def test_signing_out_and_being_taken_out_close_sockets_elsewhere(floor: SimpleNamespace) -> None:
    async with following(floor):
        links = await applied(floor, FILE)
        signed_in = await sessions.sign_in_by_link(floor.db, links["sofia@firm.test"], now=floor.clock())
        sofia = signed_in.principal
        async with floor.db.transaction(sofia.tenant_id) as tx:
            await sessions.sign_out(tx, sofia, signed_in.token)
        assert await floor.hub.users.get() == sofia.user_id
        assert floor.second.users[sofia.worker_id or ""] == sofia.user_id
        await applied(floor, FILE.replace("{email: sofia@firm.test, name: Sofia}", ""), prune=True)
        assert await floor.hub.users.get() == sofia.user_id
