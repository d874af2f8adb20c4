"""A small living centre around the widget: router, reception, hub and a real web server; agents act by the rooms' commands."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvicorn
import websockets
from fastapi import FastAPI

from parlons.accounts.bootstrap import bootstrap
from parlons.channels.webchat import assets, http, room
from parlons.channels.webchat.widgets import put_widget
from parlons.conversations import commands as conversations
from parlons.conversations import messages
from parlons.conversations.model import Author
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import wall_clock
from parlons.kit.ids import new_id
from parlons.reception import outcomes
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.edge import Edge
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.hub import Hub
from tests.dispatch import floor

WEB = Path(__file__).resolve().parents[2] / "src/parlons/_web"
SOFIA = Author("agent", "US" + "1" * 32, "Sofia Lenoir")


@dataclass
class Centre:
    """A running centre; `url` is where it listens."""

    app: FastAPI
    db: Database
    dispatch: Dispatch
    tenant_id: str
    workspace_id: str
    firm_id: str
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def send(self, command: Any) -> Any:
        """A command to the router, committed."""
        return await self.dispatch.send(self.workspace_id, command)

    async def conversation_id(self) -> str:
        """The latest conversation."""
        async with self.db.transaction(self.tenant_id) as tx:
            return str(await tx.scalar("SELECT id FROM conversations ORDER BY id DESC LIMIT 1"))

    async def says(self, text: str, conversation_id: str | None = None) -> None:
        """Sofia answers."""
        found = conversation_id or await self.conversation_id()
        async with self.db.transaction(self.tenant_id) as tx:
            await messages.add_message(
                tx, found, direction="out", author=SOFIA, text=text, client_id=new_id("XX", wall_clock())
            )

    async def reads(self) -> None:
        """Sofia has read everything."""
        found = await self.conversation_id()
        async with self.db.transaction(self.tenant_id) as tx:
            await messages.mark_read(tx, found, by="agent")

    async def takes(self) -> None:
        """Sofia has the conversation."""
        found = await self.conversation_id()
        async with self.db.transaction(self.tenant_id) as tx:
            await conversations.assign(tx, found, user_id=SOFIA.id, worker_id=floor.worker_id(1), name=SOFIA.name)
            await messages.tell_customer(
                tx,
                found,
                "Sofia Lenoir a rejoint la conversation.",
                {"code": "joined", "name": "Sofia Lenoir"},
                key="j",
            )

    async def closes(self) -> None:
        """Sofia closes it."""
        found = await self.conversation_id()
        async with self.db.transaction(self.tenant_id) as tx:
            await conversations.close(tx, found, by="system")


class Page:
    """A visitor's page: its socket, and the frames it heard."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire
        self.heard: dict[str, list[dict[str, Any]]] = {}

    async def hears(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next frame of this kind whose data holds `wanted`; pings are answered meanwhile."""
        async with asyncio.timeout(60):
            while True:
                frame: dict[str, Any] = orjson.loads(await self._wire.recv())
                if frame["type"] == "ping":
                    await self._wire.send('{"type":"pong"}')
                data = frame.get("data") or {}
                self.heard.setdefault(frame["type"], []).append(data)
                inner = data.get("conversation") or data.get("message") or data
                if frame["type"] == kind and all(inner.get(key) == value for key, value in wanted.items()):
                    return frame

    async def says(self, frame: dict[str, Any]) -> None:
        await self._wire.send(orjson.dumps(frame).decode())


@contextlib.asynccontextmanager
async def page(centre: Centre, token: str, origin: str | None = None) -> AsyncIterator[Page]:
    """A page's socket, greeted."""
    url = f"ws://127.0.0.1:{centre.port}/api/v1/webchat/delmas/socket"
    async with websockets.connect(url, origin=websockets.Origin(origin or centre.url)) as wire:
        opened = Page(wire)
        await opened.says({"type": "hello", "token": token})
        yield opened


@contextlib.asynccontextmanager
async def living(dsn: str, files: Path, *more: Any) -> AsyncIterator[Centre]:
    """The centre, from database to listening port. `more`: further routes."""
    db = await Database.open(dsn, pool_size=8)
    home = await bootstrap(db, now=wall_clock())
    dispatch, hub = Dispatch(db, name="centre"), Hub()
    await dispatch.open(home.workspace_id, home.tenant_id)
    await dispatch.ready(home.workspace_id, as_owner=True)
    await dispatch.send(home.workspace_id, floor.CONFIGURATION)
    app = FastAPI()
    made = Centre(app, db, dispatch, home.tenant_id, home.workspace_id, home.firm_id)
    await _configure(made)
    install_problems(app)
    app.add_middleware(Edge, limits={"/api/v1/webchat": 12_000_000})
    app.include_router(http.router, prefix="/api/v1")
    app.router.routes.append(assets.socket_route())
    app.router.routes.extend([*assets.routes(WEB), *more])
    state = app.state
    state.db, state.clock, state.hub, state.handler, state.dispatch = db, wall_clock, hub, Reception(), dispatch
    state.files = Files(files)
    background = [
        asyncio.create_task(hub.follow(dispatch.screens(home.workspace_id))),
        asyncio.create_task(hub.keep_alive()),
        asyncio.create_task(outcomes.reader(dispatch.tail(home.workspace_id), home.tenant_id).run()),
    ]
    async with _served(made):
        yield made
        await hub.close()
    await room.close(app)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    await dispatch.close()
    await db.close()


async def _configure(centre: Centre) -> None:
    async with centre.db.transaction(centre.tenant_id) as tx:
        point = EntryPoint(
            new_id("EP", wall_clock()), centre.workspace_id, "webchat", "delmas", centre.firm_id,
            workflow_id=floor.WORKFLOW, attributes={"topic": "sales"},
        )  # fmt: skip
        await put_entry_points(tx, [point])
        await put_widget(
            tx, workspace_id=centre.workspace_id, firm_id=centre.firm_id, key="delmas", name="Delmas Automobiles",
            reply_seconds=60, privacy_url="/shop/", identity_secret="shared",
        )  # fmt: skip


@contextlib.asynccontextmanager
async def _served(centre: Centre) -> AsyncIterator[None]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    centre.port = listening.getsockname()[1]
    config = uvicorn.Config(
        centre.app, ws="websockets-sansio", lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells only by this flag
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving
