"""The text channels of the play: each line writes for practice people and knows when they were answered.

`open_lines` serves the stand-ins the lines need on the ports it is told, and connects them with the centre.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from parlons.simulator.providers.bank import Bank
from parlons.simulator.providers.carrier import Carrier
from parlons.simulator.providers.graph import Graph
from parlons.simulator.providers.homeserver import DOMAIN as SERVER
from parlons.simulator.providers.homeserver import Homeserver
from parlons.simulator.providers.mail_host import DOMAIN, MailHost
from parlons.simulator.providers.numbers import Number
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.partner import Partner
from parlons.simulator.providers.shop_desk import orders
from parlons.simulator.providers.telegram import BotApi
from parlons.simulator.providers.telegram import Person as BotPerson
from parlons.simulator.providers.walls import Wall
from parlons.simulator.providers.wire import Caller, Heard, served
from parlons.simulator.providers.x import SECRETS, Network

AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes; on each channel he has an address made of his number."""

    name: str
    number: int
    """Eight digits at most; not given to anybody else."""


class Line(Protocol):
    """One channel, as people use it."""

    async def write(self, person: Person, text: str) -> None:
        """He writes to the firm."""

    async def answered(self, person: Person, count: int) -> None:
        """Returns as soon as he has got `count` answers."""

    def forget(self, person: Person) -> None:
        """He writes no more."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account of the centre that people write to."""

    channel: str
    key: str
    address: str
    language: str
    topic: str
    """What the firm uses it for; what people write about."""


class _Waits:
    """What lines have in common: answers are counted by address."""

    def __init__(self, known: Known, heard: Heard) -> None:
        self._known, self._heard = known, heard

    def address(self, person: Person) -> str:
        """His own on this channel."""
        return f"{7_000_000_000 + person.number}"

    async def answered(self, person: Person, count: int) -> None:
        """See `Line`."""
        await self._heard.until(self.address(person), count)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._heard.forget(self.address(person))


class MailLine(_Waits):
    """By mail."""

    def __init__(self, known: Known, host: MailHost) -> None:
        super().__init__(known, host.heard)
        self._host = host

    def address(self, person: Person) -> str:
        """first.last.NUMBER@..."""
        plain = person.name.lower().translate(str.maketrans("éèëïç ", "eeeic.")).replace("'", "")
        return f"{plain}.{person.number}@{DOMAIN}"

    async def write(self, person: Person, text: str) -> None:
        """The first words are the subject."""
        subject = text.removeprefix("Bonjour, ").removeprefix("Hello, ")[:60].rstrip(" ?.")
        await self._host.says(self.address(person), person.name, self._known.address, subject, text)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        super().forget(person)
        self._host.forget(self.address(person))


class TextLine(_Waits):
    """By SMS."""

    def __init__(self, known: Known, carrier: Carrier) -> None:
        super().__init__(known, carrier.heard)
        self._carrier = carrier

    def address(self, person: Person) -> str:
        """A number of the range kept for plays and films."""
        return f"3363998{person.number % 10_000:04d}"

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._carrier.says(self.address(person), self._known.address, text)


class BotLine(_Waits):
    """To a bot."""

    def __init__(self, known: Known, api: BotApi) -> None:
        super().__init__(known, api.answers)
        self._api = api

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._api.says(self._person(person), text)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._api.forget(self._person(person))

    def _person(self, person: Person) -> BotPerson:
        first, _, last = person.name.partition(" ")
        return BotPerson(int(self.address(person)), first, last, language_code=self._known.language)


class NumberLine(_Waits):
    """To a business number."""

    def __init__(self, known: Known, number: Number) -> None:
        super().__init__(known, number.graph.answers)
        self._number = number

    def address(self, person: Person) -> str:
        """As for SMS: the same person on both."""
        return f"3363998{person.number % 10_000:04d}"

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._number.graph.subscribed.wait()
        self._number.says(self.address(person), text, person.name)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._number.graph.forget(self.address(person))


class PageLine(_Waits):
    """To a page, or an account."""

    def __init__(self, known: Known, page: Page) -> None:
        super().__init__(known, page.graph.answers)
        self._page = page

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._page.graph.subscribed.wait()
        self._page.says(self.address(person), text)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._page.graph.forget(self.address(person))


class WallLine(_Waits):
    """Under a post of a page: what he writes later goes below his first comment."""

    def __init__(self, known: Known, wall: Wall) -> None:
        super().__init__(known, wall.page.graph.answers)
        self._wall = wall
        self._first: dict[str, str] = {}

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._wall.page.graph.subscribed.wait()
        who = self.address(person)
        comment = self._wall.comments(who, person.name, text, parent=self._first.get(who, ""))
        self._first.setdefault(who, comment)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._first.pop(self.address(person), None)
        self._wall.forget(self.address(person))


class NetworkLine(_Waits):
    """Direct messages of X."""

    def __init__(self, known: Known, network: Network) -> None:
        super().__init__(known, network.answers)
        self._network = network

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._network.subscribed.wait()
        self._network.says(self.address(person), person.name, text)

    def forget(self, person: Person) -> None:
        """See `Line`."""
        self._network.forget(self.address(person))


class PartnerLine(_Waits):
    """In a partner's program."""

    def __init__(self, known: Known, partner: Partner) -> None:
        super().__init__(known, partner.heard)
        self._partner = partner

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        self._partner.says(self.address(person), person.name, text)


class MatrixLine(_Waits):
    """In a room of a homeserver."""

    def __init__(self, known: Known, server: Homeserver) -> None:
        super().__init__(known, server.heard)
        self._server = server

    def address(self, person: Person) -> str:
        """His user id."""
        return f"@p{person.number}:{SERVER}"

    async def write(self, person: Person, text: str) -> None:
        """See `Line`."""
        await self._server.says(self.address(person), person.name, text)


@contextlib.asynccontextmanager
async def open_lines(told: dict[str, Any]) -> AsyncIterator[Sequence[tuple[Known, Line]]]:
    """`told`: {"accounts": [Known...], "hooks", "secret", "bot", "web", "carrier", "post", "mail"} (the last four are ports)."""
    accounts = [Known(**each) for each in told["accounts"]]
    stand_ins = _StandIns(told)
    lines = [(known, stand_ins.line(known)) for known in accounts]
    app = Starlette(routes=[Mount(f"/{name}", app) for name, app in stand_ins.apps.items()])
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(app, told["web"]))
        await stack.enter_async_context(stand_ins.carrier.served(told["carrier"]))
        await stack.enter_async_context(stand_ins.mail_host.served(told["post"]))
        for name, graph in stand_ins.graphs.items():
            graph.url = f"{url}/{name}"
        for caller in stand_ins.callers:
            stack.push_async_callback(caller.close)
        asking = [asyncio.create_task(each) for each in stand_ins.subscriptions()]
        try:
            yield lines
        finally:
            for task in asking:
                task.cancel()


class _StandIns:
    """Those that some account needs."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._hooks, self._secret, self._bot = told["hooks"], told["secret"], told["bot"]
        self._now = int(time.time() * 1000)
        self.carrier, self.mail_host = Carrier(self._secret, first=self._now), MailHost(told["mail"])
        self.graphs: dict[str, Graph] = {}
        self.apps: dict[str, Starlette] = {}
        self.callers: list[Caller] = []
        self._subscribed: list[tuple[Graph | Network, str]] = []
        bank = Bank(self._secret)
        bank.open_account("10000001", "4711", "12400.50")
        self.apps |= {"bank": bank.app, "shop": orders}

    def line(self, known: Known) -> Line:
        """The line to an account. Raises KeyError for a channel there is no stand-in for."""
        hook = f"{self._hooks}/{known.channel}/{known.key}"
        match known.channel:
            case "email":
                return MailLine(known, self.mail_host)
            case "sms":
                return TextLine(known, self.carrier)
            case "telegram":
                api = BotApi(first_update=self._now // 1000)
                api.bot(self._bot, known.address)
                self.callers.append(api.caller)
                self.apps["telegram"] = api.app
                return BotLine(known, api)
            case "webhook":
                partner = Partner(hook, self._secret)
                self.callers.append(partner.caller)
                self.apps["partner"] = partner.app
                return PartnerLine(known, partner)
            case "matrix":
                server = Homeserver(known.address, self._secret, first=self._now)
                self.apps["matrix"] = server.app
                return MatrixLine(known, server)
            case "whatsapp":
                return NumberLine(known, Number(self._graph(known.channel, hook), known.address))
            case "messenger":
                return PageLine(known, Page(self._graph(known.channel, hook), known.address))
            case "instagram":
                return PageLine(known, Page(self._graph(known.channel, hook), known.address, "instagram"))
            case "facebook":
                return WallLine(known, Wall(Page(self._graph(known.channel, hook), known.address)))
            case "x":
                network = Network(known.address, dict.fromkeys(SECRETS, self._secret), first=self._now)
                self.callers.append(network.caller)
                self.apps["x"] = network.app
                self._subscribed.append((network, hook))
                return NetworkLine(known, network)
        raise KeyError(known.channel)

    def _graph(self, name: str, hook: str) -> Graph:
        graph = self.graphs[name] = Graph(self._secret, self._secret, first=self._now)
        self.callers.append(graph.caller)
        self.apps[name] = graph.app
        self._subscribed.append((graph, hook))
        return graph

    def subscriptions(self) -> list[Any]:
        """Work until every webhook has answered its challenge."""

        async def subscribe(graph: Graph | Network, hook: str) -> None:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if await graph.subscribe(hook, self._secret):
                        return
                await asyncio.sleep(AGAIN_SECONDS)

        return [subscribe(graph, hook) for graph, hook in self._subscribed]
