"""Telegram, WhatsApp, Messenger, Instagram and the public side of the last two keep the contract, each against a stand-in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson
import pytest

from parlons.channels.model import Account, Event, HookRequest
from parlons.channels.plugin import Channel, ReceivesHooks, Tools
from parlons.channels.registry import open_channels
from parlons.channels.telegram.channel import SECRET_HEADER, hook_secret
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.graph import (
    ACCESS_TOKEN,
    APP_SECRET,
    SIGNATURE,
    VERIFY_TOKEN,
    Graph,
    GraphError,
    signature,
)
from parlons.simulator.providers.numbers import Number
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.telegram import BotApi, Person, too_many
from parlons.simulator.providers.walls import Wall
from parlons.simulator.providers.wire import Trouble as Answer
from parlons.simulator.providers.wire import Upload, served
from parlons.simulator.providers.x import SECRETS as X_SECRETS
from parlons.simulator.providers.x import SIGNATURE as X_SIGNATURE
from parlons.simulator.providers.x import Network
from parlons.testing.channel_scene import Can, Got, Trouble, Written
from parlons.testing.channel_suite import CASES, run

Heard = Callable[[], list[Got]]
ALL: frozenset[Trouble] = frozenset({"busy", "refuses", "breaks", "away"})


@dataclass
class StandIn:
    """One account and the stand-in behind it."""

    channel: Channel
    account: Account
    can: Can
    url: str
    troubles: Any
    answers: dict[str, Answer]
    person: dict[str, str]
    says: Callable[[Written], Awaitable[HookRequest]]
    heard: Heard
    tells: Callable[[str, str], HookRequest] | None = None
    before: int = 0

    async def request(self, written: Written) -> HookRequest | None:
        return await self.says(written)

    async def writes(self, written: Written) -> Sequence[Event]:
        return self._read(await self.says(written))

    async def address_of(self, who: str) -> str:
        return self.person[who]

    async def got(self) -> list[Got]:
        return self.heard()[self.before :]

    async def trouble(self, kind: Trouble | None) -> None:
        self.troubles.clear()
        self.troubles.extend([self.answers[kind]] * 5 if kind in self.answers else [])
        url = "http://127.0.0.1:9" if kind == "away" else self.url
        object.__setattr__(self.account, "settings", self.account.settings.model_copy(update={"api_url": url}))

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        assert self.tells is not None
        return self._read(self.tells(provider_id, state))

    def _read(self, request: HookRequest) -> Sequence[Event]:
        channel: object = self.channel
        assert isinstance(channel, ReceivesHooks)
        channel.verify(self.account, request)
        return channel.parse(self.account, request)


def call(body: bytes, header: str, proof: str) -> HookRequest:
    """A provider's call."""
    return HookRequest("POST", "/hooks/x/y", {}, {header.lower(): proof}, body, wall_clock())


def bot(channel: Channel, service: BotApi, url: str) -> StandIn:
    token, settings = service.bot(), channel.settings(api_url=url)
    people = {"claire": Person(4711, "Claire"), "bob": Person(4712, "Bob")}

    async def says(written: Written) -> HookRequest:
        if written.files:
            await service.sends(people[written.who], "document", *written.files[0], caption=written.text)
        else:
            await service.says(people[written.who], written.text)
        return call(orjson.dumps(service.told[-1]), SECRET_HEADER, hook_secret(token))

    def heard() -> list[Got]:
        return [Got(str(each["chat"]["id"]), each["text"]) for each in service.heard(people["claire"])]

    refused = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    answers = {"busy": too_many(1), "refuses": Answer(400, refused), "breaks": Answer(502, carried_out=True)}
    return StandIn(
        channel, Account("CC1", "AC1", "WS1", "FI1", "telegram", "x", "DelmasBot", settings, {"token": token}),
        Can(ALL, files_in=True, starts=False), url, service.troubles, answers,
        {who: str(each.id) for who, each in people.items()}, says, heard,
    )  # fmt: skip


def graph_answers() -> dict[str, Answer]:
    """Troubles of the graph."""
    return {
        "busy": Answer(429, {"error": GraphError(130429, "Rate limit hit").body}),
        "refuses": Answer(400, {"error": GraphError(131026, "Message undeliverable").body}),
        "breaks": Answer(500, carried_out=True),
    }


def graph_account(channel: Channel, address: str, url: str) -> Account:
    """An account of the stand-in's app."""
    secrets = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
    return Account("CC1", "AC1", "WS1", "FI1", channel.name, "x", address, channel.settings(api_url=url), secrets)


def number(channel: Channel, graph: Graph) -> StandIn:
    place, people = Number(graph, on_time=False), {"claire": "33612345678", "bob": "33687654321"}

    def latest() -> HookRequest:
        return call(graph.told[-1], SIGNATURE, signature(graph.told[-1]))

    async def says(written: Written) -> HookRequest:
        if written.files:
            place.sends(people[written.who], "image", *written.files[0], written.text)
        else:
            place.says(people[written.who], written.text)
        return latest()

    def tells(provider_id: str, state: str) -> HookRequest:
        errors = [{"code": 131026, "title": "Message undeliverable"}] if state == "failed" else []
        place.status(provider_id, people["claire"], state, *errors)
        return latest()

    def heard() -> list[Got]:
        return [Got(each["to"], each["text"]["body"]) for each in place.heard.get(people["claire"], [])]

    can = Can(ALL, receipts=True, files_in=True, starts=False)
    account = graph_account(channel, place.id, graph.url)
    return StandIn(channel, account, can, graph.url, graph.troubles, graph_answers(), people, says, heard, tells)


def page(channel: Channel, graph: Graph) -> StandIn:
    place = Page(graph, object="page" if channel.name == "messenger" else "instagram", on_time=False)
    people = {"claire": "6849302938475610", "bob": "6849302938475611"}

    async def says(written: Written) -> HookRequest:
        if written.files:
            place.sends(people[written.who], "image", *written.files[0])
        else:
            place.says(people[written.who], written.text)
        return call(graph.told[-1], SIGNATURE, signature(graph.told[-1]))

    def heard() -> list[Got]:
        return [Got(people["claire"], each["text"]) for each in place.heard.get(people["claire"], [])]

    can, account = Can(ALL, files_in=True, starts=False), graph_account(channel, place.id, graph.url)
    return StandIn(channel, account, can, graph.url, graph.troubles, graph_answers(), people, says, heard)


def wall(channel: Channel, graph: Graph) -> StandIn:
    place = Wall(Page(graph, object="page" if channel.name == "facebook" else "instagram", on_time=False))
    people = {"claire": "6849302938475610", "bob": "6849302938475611"}
    first = {who: place.comments(each, who, "Bonjour") for who, each in people.items()}

    async def says(written: Written) -> HookRequest:
        more = {}
        if written.files:
            name, kind, body = written.files[0]
            number = graph.keep(name, kind, body)
            more = {"photo": f"{graph.url}/files/{number}?open=1"}
        place.comments(people[written.who], written.who, written.text, parent=first[written.who], **more)
        return call(graph.told[-1], SIGNATURE, signature(graph.told[-1]))

    def heard() -> list[Got]:
        return [Got(f"comment:{first['claire']}", each["message"]) for each in place.heard.get(first["claire"], [])]

    can = Can(ALL, files_in=channel.name == "facebook", starts=False)
    account, addresses = (
        graph_account(channel, place.page.id, graph.url),
        {who: f"comment:{first[who]}" for who in first},
    )
    return StandIn(channel, account, can, graph.url, graph.troubles, graph_answers(), addresses, says, heard)


def network(channel: Channel, service: Network) -> StandIn:
    people = {"claire": "6253282000", "bob": "6253283000"}
    posted = {who: service.posts(each, who, "Bonjour") for who, each in people.items()}
    public = channel.name == "x_posts"
    addresses = {who: f"post:{posted[who]}" for who in people} if public else people

    async def says(written: Written) -> HookRequest:
        person, upload = people[written.who], Upload(*written.files[0]) if written.files else None
        if public:
            service.posts(person, written.who, written.text, under=posted[written.who], upload=upload)
        elif upload is not None:
            service.sends(person, written.who, written.text, upload)
        else:
            service.says(person, written.who, written.text)
        return call(service.told[-1], X_SIGNATURE, service.proof(service.told[-1]))

    def heard() -> list[Got]:
        where = posted["claire"] if public else people["claire"]
        return [Got(addresses["claire"], each["text"]) for each in service.heard.get(where, [])]

    refused = {"title": "Forbidden", "detail": "You are not permitted to perform this action.", "status": 403}
    answers = {
        "busy": Answer(429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": str(wall_clock() // 1000 + 5)}),
        "refuses": Answer(403, refused),
        "breaks": Answer(502, carried_out=True),
    }
    settings = channel.settings(api_url=service.url)
    account = Account("CC1", "AC1", "WS1", "FI1", channel.name, "x", service.id, settings, X_SECRETS)
    can = Can(ALL, files_in=True, starts=not public)
    return StandIn(channel, account, can, service.url, service.troubles, answers, addresses, says, heard)


ALL_CHANNELS = ["telegram", "whatsapp", "messenger", "instagram", "facebook", "instagram_comments", "x", "x_posts"]


@pytest.fixture(params=ALL_CHANNELS)
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[StandIn]:
    service, graph, posts = BotApi(), Graph(), Network()
    apps = {"telegram": service.app, "x": posts.app, "x_posts": posts.app}
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        channel = open_channels(Tools(http, wall_clock))[request.param]
        async with served(apps.get(request.param, graph.app)) as url:
            graph.url = posts.url = url
            match request.param:
                case "telegram":
                    yield bot(channel, service, url)
                case "x" | "x_posts":
                    yield network(channel, posts)
                case "whatsapp":
                    yield number(channel, graph)
                case "facebook" | "instagram_comments":
                    yield wall(channel, graph)
                case _:
                    yield page(channel, graph)
    await service.close()
    await posts.close()
    await graph.close()


async def test_it_keeps_the_contract(scene: StandIn) -> None:
    """All cases in one test: each begins with what the provider has heard so far."""
    passed = []
    for case in CASES:
        each = replace(scene, before=len(scene.heard()), account=replace(scene.account))
        try:
            if await run(case, each):
                passed.append(case)
        except BaseException as error:
            error.add_note(f"{scene.channel.name}: {case}")
            raise
    without = (
        set(CASES)
        - set(passed)
        - (set() if scene.can.files_in else {"files_come_with_name_type_and_bytes_or_a_way_to_get_them"})
    )
    assert without <= {"the_same_key_arrives_once_where_that_is_promised", "receipts_name_what_was_sent"}, without
