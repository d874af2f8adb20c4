"""The world around the centre, on a thread of its own: telephones and a carrier, open desks, a mail host, an SMS gateway, a
business number and a public wall, a customer system, models. All of it the simulator's, over the real wires."""

import asyncio
import itertools
import json
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any, Self, TypeVar

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect

from parlons.simulator.providers.crm.shop import Shop
from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Graph
from parlons.simulator.providers.mail_host import MailHost
from parlons.simulator.providers.models import Models
from parlons.simulator.providers.numbers import Number
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.walls import Wall
from parlons.simulator.providers.wire import served
from parlons.simulator.sip import Message
from parlons.simulator.sound import Line
from parlons.simulator.telephone import Dialog, Telephone
from parlons.testing.people import Desk
from tests.app.caller import free_udp_port
from tests.journeys.test_channels import free_port

T = TypeVar("T")
CUSTOMER = "+33612345678"
SECRETS = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
PHONE = "a long word for telephones"
ANSWERS = 30.0
"""Seconds in which a telephone must have been answered."""


class Outside:
    """Everybody and everything that is not the centre; `do` carries out a coroutine and returns what it returns."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = AsyncExitStack()
        self._phones: list[Telephone] = []
        self.sip = ("127.0.0.1", free_udp_port())
        self.mail_port, self.post_port = free_port(), free_port()
        self.shop, self.graph, self.mail = Shop(), Graph(), MailHost(self.mail_port)
        self.number, self.wall = Number(self.graph), Wall(Page(self.graph))
        self._persons = itertools.count(4_000_000_000)
        self.urls: dict[str, str] = {}
        """Where the stand-ins serve: gateway, shop, graph, models."""
        self.carrier_port = 0

    def do(self, what: Coroutine[Any, Any, T], seconds: float = 60) -> T:
        """Carried out on the thread."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            self.do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _open(self) -> None:
        gateway = Starlette(routes=[Route("/{path:path}", _takes, methods=["GET", "POST"])])
        apps = {"gateway": gateway, "shop": self.shop.app, "graph": self.graph.app, "models": Models().app}
        for name, app in apps.items():
            self.urls[name] = await self._stack.enter_async_context(served(app))
        self.graph.url = self.urls["graph"]
        await self._stack.enter_async_context(self.mail.served(self.post_port))
        self.carrier_port = (await self.phone("carrier")).port

    async def _close(self) -> None:
        for one in self._phones:
            one.close()
        await self._stack.aclose()
        await self.graph.close()

    async def phone(self, user: str) -> Telephone:
        """A telephone that answers whoever calls it."""
        made, line = Telephone(self.sip, user, PHONE), Line()
        await made.open()
        await line.open()

        async def answer(dialog: Dialog, _invite: Message) -> None:
            made.accept(dialog, line.port)

        made.ring = answer
        self._phones.append(made)
        return made

    async def registered(self, user: str) -> None:
        """A desk phone that is on the line from now on."""
        made = await self.phone(user)
        async with asyncio.timeout(ANSWERS):
            while await made.register() != 200:  # noqa: ASYNC110 (the engine hears of phones a moment later)
                await asyncio.sleep(0.2)
        self._stack.push_async_callback(_ended, asyncio.create_task(made.stay_registered()))

    async def rings(self, number: str) -> Dialog:
        """A customer calls a number, and is answered."""
        phone = await self.phone(CUSTOMER)
        dialog = phone.call(number, free_udp_port())
        async with asyncio.timeout(ANSWERS):
            status = await asyncio.shield(dialog.answered)
        if status != 200:
            raise AssertionError(f"{number} answered {status}")
        return dialog

    async def hangs_up(self, dialog: Dialog) -> None:
        """The customer ends the call."""
        dialog.hang_up()

    async def at_desk(self, url: str, token: str) -> Desk:
        """Somebody's open screen: without one he is offered nothing."""
        return await self._stack.enter_async_context(Desk([url], token))

    async def offer(self) -> str:
        """What a browser offers for a call."""
        self._browser = browser = RTCPeerConnection()
        browser.addTrack(AudioStreamTrack())
        await browser.setLocalDescription(await browser.createOffer())
        self._stack.push_async_callback(browser.close)
        return str(browser.localDescription.sdp)

    async def connects(self, answer: str) -> None:
        """The browser that offered last is on the line."""
        await self._browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(ANSWERS):
            while self._browser.connectionState != "connected":  # noqa: ASYNC110 (told by this only)
                await asyncio.sleep(0.1)

    async def looks(self, url: str, call_id: str, token: str) -> None:
        """The customer's page beside a call, which stays open."""
        socket = await connect(f"{url.replace('http', 'ws', 1)}/api/v1/webcall/calls/{call_id}/beside")
        await socket.send(json.dumps({"type": "hello", "token": token}))
        await socket.recv()
        self._stack.push_async_callback(socket.close)

    async def comments(self, name: str, text: str) -> None:
        """Somebody says something under a post."""
        self.wall.comments(str(next(self._persons)), name, text)

    async def subscribes(self, hook: str) -> None:
        """The graph tells its news to this account's hook."""
        async with asyncio.timeout(ANSWERS):
            while not await self.graph.subscribe(hook):  # noqa: ASYNC110 (accounts are read now and then)
                await asyncio.sleep(0.2)


async def _takes(request: Request) -> Response:
    """A gateway, and a program's address: takes everything but what says that it is to be refused."""
    if b"refuse" in await request.body():
        return Response("3: Malformed", status_code=400)
    return Response("0: Accepted for delivery", status_code=202)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
