"""The generic channel passes the contract, and every channel that ships describes itself as the contract asks."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
import pytest
from starlette.responses import Response

from parlons.channels.model import Account, Event, HookRequest, Incoming
from parlons.channels.plugin import Channel, Tools
from parlons.channels.registry import CHANNELS, open_channels
from parlons.channels.webhook.channel import Settings, Webhook, signature
from parlons.channels.webhook.channel import letter as body_of
from parlons.kit.clock import Millis, wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.testing.channel_scene import Can, Got, Trouble, Written, letter
from parlons.testing.channel_suite import CASES, STATIC, run
from tests.channels.engine.desk import OtherSide, other_side

NOW = Millis(1_790_000_000_000)
KEY = "a shared key"


@dataclass
class WebhookScene:
    """The far end: a web server, and a customer behind it."""

    channel: Channel
    account: Account
    there: OtherSide
    can: Can = field(
        default_factory=lambda: Can(
            frozenset({"busy", "refuses", "breaks", "away"}), receipts=True, files_in=True, starts=False
        )
    )
    serial: int = 0

    async def request(self, written: Written) -> HookRequest | None:
        self.serial += 1
        files = [
            {"name": name, "content_type": kind, "content": base64.b64encode(body).decode()}
            for name, kind, body in written.files
        ]
        event = {
            "type": "message", "id": written.id or f"m{self.serial}", "from": {"id": written.who}, "text": written.text,
            "files": files, "reply_to": [written.answers] if written.answers else [],
        }  # fmt: skip
        return self._signed(event)

    async def writes(self, written: Written) -> Sequence[Event]:
        request = await self.request(written)
        assert request is not None
        return self._read(request)

    async def address_of(self, who: str) -> str:
        return who

    async def got(self) -> list[Got]:
        return [
            Got(one["to"], one["text"], tuple(file["name"] for file in one["files"]), one["id"])
            for one in self.there.got
        ]

    async def trouble(self, kind: Trouble | None) -> None:
        answers: dict[str, Any] = {
            "busy": Response(status_code=429),
            "refuses": Response(status_code=400),
            "breaks": Response(status_code=500),
        }
        self.there.answers = [answers[kind]] if kind in answers else []
        url = "http://127.0.0.1:9/in" if kind == "away" else self.there.url
        object.__setattr__(self.account, "settings", Settings(url=url, receipts=True))

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        code = "unknown-customer" if state == "failed" else ""
        return self._read(self._signed({"type": "receipt", "id": provider_id, "state": state, "code": code}))

    def _signed(self, event: dict[str, Any]) -> HookRequest:
        body, stamp = orjson.dumps(event), str(NOW // 1000)
        headers = {"webhook-id": "h", "webhook-timestamp": stamp, "webhook-signature": signature(KEY, "h", stamp, body)}
        return HookRequest("POST", "/hooks/webhook/shop", {}, headers, body, NOW)

    def _read(self, request: HookRequest) -> Sequence[Event]:
        assert isinstance(self.channel, Webhook)
        self.channel.verify(self.account, request)
        return self.channel.parse(self.account, request)


@pytest.fixture
async def scene() -> AsyncIterator[WebhookScene]:
    async with other_side() as there, SafeHttp(allowed(["127.0.0.0/8"])) as http:
        account = Account(
            "CC1", "AC1", "WS1", "FI1", "webhook", "shop", "shop", Settings(url=there.url, receipts=True), {"key": KEY}
        )
        yield WebhookScene(Webhook(Tools(http, lambda: NOW)), account, there)


def test_the_suite_is_large_enough() -> None:
    assert len(CASES) >= 20
    assert len(STATIC) >= 7


@pytest.mark.parametrize("case", CASES)
async def test_the_generic_channel_keeps_the_contract(case: str, scene: WebhookScene) -> None:
    assert await run(case, scene), "the generic channel can all of it"


@pytest.mark.parametrize("name", CHANNELS)
async def test_each_channel_describes_itself(name: str) -> None:
    http = SafeHttp()
    channel = open_channels(Tools(http, wall_clock))[name]
    for case in STATIC.values():
        case(name, channel)
    await http.close()


class Careless(Webhook):
    """A channel that breaks the contract in one place."""

    def __init__(self, tools: Tools, broken: str) -> None:
        super().__init__(tools)
        self.broken = broken

    def verify(self, account: Account, request: HookRequest) -> None:
        if self.broken != "verify":
            super().verify(account, request)

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        return value if self.broken == "reach" else super().reach(account, kind, value)

    async def send(self, account: Account, message: Any) -> Any:
        if self.broken == "send":
            raise RuntimeError("careless")
        return await super().send(account, message)


@pytest.mark.parametrize("broken", ["verify", "reach", "send"])
async def test_the_suite_sees_a_careless_channel(scene: WebhookScene, broken: str) -> None:
    scene.channel = Careless(scene.channel._tools, broken)  # type: ignore[attr-defined]
    fell = 0
    for case in CASES:
        try:
            await run(case, scene)
        except (AssertionError, RuntimeError):
            fell += 1
        await asyncio.sleep(0)
    assert fell >= 1


def test_posts_and_reviews_are_public_and_say_what_they_say() -> None:
    channel = Webhook.__new__(Webhook)
    said = {
        "type": "message",
        "id": "r-1",
        "from": {"id": "claire"},
        "text": "Bien reçue",
        "link": "https://avis.example/1",
    }
    reviews = [{**said, "rating": 4}, {**said, "rating": 9}, {**said, "recommends": False, "thread": "post-7"}]
    settings = Settings(url="https://partner.example/in", public=True)
    account = Account("CC1", "AC1", "WS1", "FI1", "webhook", "avis", "avis", settings)
    first, odd, third = channel.parse(account, HookRequest("POST", "/", {}, {}, orjson.dumps(reviews), NOW))
    assert isinstance(first, Incoming)
    assert isinstance(odd, Incoming)
    assert isinstance(third, Incoming)
    assert (first.public, first.kind, first.thread) == (True, "review", "r-1:claire")
    assert first.data == {"review": {"rating": 4, "of": 5}, "link": "https://avis.example/1"}
    assert (odd.kind, odd.data) == ("text", {"link": "https://avis.example/1"}), "nine of five is no rating"
    assert (third.thread, third.data["review"]) == ("post-7:claire", {"recommends": False})
    assert channel.capabilities(account).public
    assert channel.reach(account, "external", first.sender.value) is None
    answer = letter("claire", "Merci", public=True, thread="post-7:claire")
    assert {name: body_of(answer)[name] for name in ("public", "thread", "to")} == {
        "public": True, "thread": "post-7", "to": "claire",
    }  # fmt: skip
