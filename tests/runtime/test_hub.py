"""The socket over a real server: snapshot, events, cursors, slow readers, presence."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from parlons.kit.clock import Millis
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.events import Audience
from parlons.runtime.hub import Hub
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Tail
from parlons.runtime.rights import Rights
from parlons.runtime.socket import Socket
from tests.runtime.leasing import take

T, W = "ACaaaa", "WSaaaa"


class Desk:
    """A hub behind a server, an owner that appends, and clients."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.database = database
        self.hub = hub
        self.url = ""
        self.tail: Tail | None = None
        self.snapshots = 0
        self.hold = asyncio.Event()
        self.asked = asyncio.Event()
        self.hold.set()
        self.messages: list[dict[str, Any]] = []

    async def snapshot(self, rights: Rights) -> tuple[int | None, Any]:
        self.snapshots += 1
        self.asked.set()
        await self.hold.wait()
        return None, {"me": rights.user_id}

    async def endpoint(self, websocket: WebSocket) -> None:
        await websocket.accept()
        asked = websocket.query_params
        rights = Rights(T, W, asked.get("role", "agent"), user_id=asked.get("user"))

        async def heard(socket: Socket, message: dict[str, Any]) -> None:
            self.messages.append(message)
            if message["type"] == "watch":
                self.hub.watch(socket, message["conversation_id"])
                socket.offer('{"type":"watching"}')

        await self.hub.serve(websocket, rights, snapshot=self.snapshot, on_message=heard)

    async def delivered(self, seq: int) -> None:
        assert self.tail is not None
        async with asyncio.timeout(60):
            while self.hub._worlds[W].seq < seq:
                await self.tail.grown(seq - 1)
                await asyncio.sleep(0)

    async def append(self, *audiences: Audience | None, owner: bool = False) -> None:
        connection = await self.database.connect_system()
        try:
            lease = await take(connection, W, T)
            entries = [
                Entry(kind="event", type="thing.done", at=1_790_000_000_000, data={"n": n}, audience=audience)
                for n, audience in enumerate(audiences)
            ]
            await journal.append(connection, lease, lease.last_seq, entries)
            if owner and self.tail is not None:
                self.tail.push(entries)
        finally:
            await connection.close()

    def open(self, user: str, role: str = "agent") -> connect:
        return connect(f"{self.url}?user={user}&role={role}", compression=None, ping_interval=None)


@contextlib.asynccontextmanager
async def running(database: Database, hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(database, hub)
    app = Starlette(routes=[WebSocketRoute("/", desk.endpoint)])
    config = uvicorn.Config(
        app, port=0, log_level="critical", ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    desk.tail = tail = Tail(database, W)
    tasks = [asyncio.create_task(run) for run in (server.serve(), hub.follow(tail), hub.keep_alive())]
    try:
        while not server.started:  # noqa: ASYNC110  (uvicorn offers no event)
            await asyncio.sleep(0.01)
        await database.signals.connected.wait()
        desk.url = f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
        yield desk
    finally:
        await hub.close()
        server.should_exit = True
        await tasks[0]
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tail.close()


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with running(database, Hub()) as made:
        yield made


async def receive(client: ClientConnection, *, kind: str | None = None) -> dict[str, Any]:
    """The next frame (of a type), answering pings on the way."""
    async with asyncio.timeout(60):
        while True:
            frame: dict[str, Any] = json.loads(await client.recv())
            if frame["type"] == "ping" and kind != "ping":
                await client.send('{"type":"pong"}')
            elif kind in (None, frame["type"]):
                return frame


async def register(client: ClientConnection, cursor: int | None = None) -> dict[str, Any]:
    await client.send(json.dumps({"type": "register", "cursor": cursor}))
    return await receive(client)


async def test_a_snapshot_then_the_events_one_may_see(desk: Desk) -> None:
    async with desk.open("US1") as client:
        assert await register(client) == {"type": "snapshot", "cursor": 0, "data": {"me": "US1"}}
        await desk.append(Audience(user_ids=("US2",)), None, Audience(user_ids=("US1",)), Audience(everyone=True))
        first, second = await receive(client), await receive(client)
    assert first == {
        "type": "event", "seq": 3, "event": "thing.done", "at": "2026-09-21T14:13:20.000Z", "data": {"n": 2},
    }  # fmt: skip
    assert second["seq"] == 4


async def test_a_recent_cursor_gets_only_what_it_missed(desk: Desk) -> None:
    await desk.append(Audience(everyone=True), owner=True)
    await desk.delivered(1)
    async with desk.open("US1") as client:
        assert (await register(client))["cursor"] == 1
    await desk.append(Audience(everyone=True), Audience(user_ids=("US2",)), owner=True)
    await desk.delivered(3)
    async with desk.open("US1") as client:
        assert (await register(client, 1))["seq"] == 2
        assert await receive(client) == {"type": "cursor", "seq": 3}
    assert desk.snapshots == 1


async def test_an_unknown_cursor_gets_a_snapshot(desk: Desk) -> None:
    async with desk.open("US1") as client:
        assert (await register(client, 999))["type"] == "snapshot"


async def test_events_during_the_snapshot_come_after_it(desk: Desk) -> None:
    desk.hold.clear()
    async with desk.open("US1") as client:
        await client.send('{"type":"register","cursor":null}')
        await desk.asked.wait()
        await desk.append(Audience(everyone=True))
        await desk.delivered(1)
        desk.hold.set()
        assert (await receive(client))["type"] == "snapshot"
        assert (await receive(client))["seq"] == 1


async def test_watching_a_conversation(desk: Desk) -> None:
    async with desk.open("US1") as client:
        await register(client)
        await client.send('{"type":"watch","conversation_id":"CH1"}')
        assert await receive(client) == {"type": "watching"}
        await desk.append(Audience(conversation_id="CH2"), Audience(conversation_id="CH1"))
        assert (await receive(client))["seq"] == 2


async def test_ephemeral_frames_have_no_place_in_the_order(desk: Desk) -> None:
    async with desk.open("US1") as client:
        await register(client)
        desk.hub.ephemeral(W, Audience(user_ids=("US1",)), "typing", {"conversation_id": "CH1"})
        assert await receive(client) == {"type": "ephemeral", "event": "typing", "data": {"conversation_id": "CH1"}}


@pytest.mark.parametrize("frame", ["nonsense", "[]", "{}", '"x"', '{"type":7}', " " * 70_000])
async def test_a_malformed_frame_is_answered_and_survived(desk: Desk, frame: str) -> None:
    async with desk.open("US1") as client:
        await client.send(frame)
        assert await receive(client) == {"type": "error", "code": "invalid-message"}
        assert (await register(client))["type"] == "snapshot"


async def test_the_server_answers_pings(desk: Desk) -> None:
    async with desk.open("US1") as client:
        await client.send('{"type":"ping"}')
        assert await receive(client) == {"type": "pong"}


async def test_a_client_learns_how_far_the_journal_is(database: Database) -> None:
    async with running(database, Hub(ping=0.05)) as desk, desk.open("US1") as client:
        await register(client)
        await desk.append(Audience(user_ids=("US2",)), Audience(user_ids=("US2",)))
        assert await receive(client, kind="cursor") == {"type": "cursor", "seq": 2}


async def test_who_reads_too_slowly_is_told_to_start_again_and_others_are_not_held_up(database: Database) -> None:
    """The slow one does not read at all; its queue overflows; the other gets every event."""
    async with (
        running(database, Hub(queue=50, silent=60)) as desk,
        desk.open("US1") as quick,
        connect(f"{desk.url}?user=US2", compression=None, ping_interval=None, max_queue=1) as slow,
    ):
        await register(quick)
        await register(slow)
        big = {"text": "x" * 100_000}
        slow.transport.pause_reading()
        for seq in range(1, 201):
            desk.hub.deliver(W, [Entry("event", "thing.done", 1, big, Audience(everyone=True), seq=seq)])
            assert (await receive(quick))["seq"] == seq
        slow.transport.resume_reading()
        kinds = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                kinds.append((await receive(slow))["type"])
        assert kinds[-1] == "resync"
        assert slow.close_code == 4001


async def test_presence_by_first_and_last_socket(database: Database) -> None:
    seen: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
    hub = Hub(
        on_present=lambda rights: seen.put_nowait(("present", rights.user_id)),
        on_absent=lambda rights, last_heard: seen.put_nowait(("absent", rights.user_id)),
    )
    async with running(database, hub) as desk:
        async with desk.open("US1") as one:
            await register(one)
            async with desk.open("US1") as two:
                await register(two)
        assert await seen.get() == ("present", "US1")
        assert await seen.get() == ("absent", "US1")
        assert seen.empty()


async def test_a_silent_client_is_let_go_with_its_last_sign_of_life(database: Database) -> None:
    """It never answers pings; the moment it was last heard is told, by the hub's clock."""
    gone: asyncio.Queue[Millis] = asyncio.Queue()
    now = Millis(1_790_000_000_000)
    hub = Hub(clock=lambda: now, on_absent=lambda _, last_heard: gone.put_nowait(last_heard), ping=0.02, silent=0.1)
    async with running(database, hub) as desk, desk.open("US1") as client:
        await client.send('{"type":"register","cursor":null}')
        assert await asyncio.wait_for(gone.get(), 60) <= now - 100
        with contextlib.suppress(ConnectionClosed):
            while True:
                await client.recv()
        assert client.close_code == 4000


async def test_a_closing_hub_asks_to_open_again(database: Database) -> None:
    async with running(database, Hub()) as desk, desk.open("US1") as client:
        await register(client)
        await desk.hub.close()
        assert (await receive(client))["type"] == "resync"


async def test_a_user_whose_rights_changed_must_open_again(desk: Desk) -> None:
    async with desk.open("US1") as client:
        await register(client)
        desk.hub.drop(W, "US1")
        assert (await receive(client))["type"] == "resync"


async def test_rights_that_change_before_a_screen_has_registered_end_it_too(desk: Desk) -> None:
    async with desk.open("US1") as client:
        await client.send('{"type":"ping"}')
        assert await receive(client) == {"type": "pong"}
        desk.hub.drop(W, "US1")
        assert (await receive(client))["type"] == "resync"
