"""Text messages by a gateway over HTTP pass the contract of channels too."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import pytest

from parlons.channels.model import Account, Event, HookRequest
from parlons.channels.plugin import Channel, Tools
from parlons.channels.sms.channel import Sms, open_channel
from parlons.channels.sms.settings import Settings
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.testing.channel_scene import Can, Got, Trouble, Written
from parlons.testing.channel_suite import CASES, run
from tests.channels.sms.centre import free_port
from tests.channels.sms.conftest import account

NUMBERS = {"claire": "+33612345678", "bob": "+33698765432"}
ANSWERS = {"busy": b"503 Service Unavailable", "refuses": b"400 Bad Request"}


@dataclass
class GatewayScene:
    """The far end: a gateway of bytes."""

    channel: Channel
    account: Account
    can: Can = field(default_factory=lambda: Can(frozenset({"busy", "refuses", "breaks", "away"}), receipts=True))
    kind: Trouble | None = None
    serial: int = 0
    taken: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        if self.kind != "breaks":
            if self.kind is None:
                self.taken.append((headers, body.decode()))
            status = ANSWERS.get(self.kind or "", b"202 Accepted")
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async def request(self, written: Written) -> HookRequest | None:
        self.serial += 1
        query = {"token": "t0ken", "id": written.id or f"m{self.serial}", "from": NUMBERS[written.who]}
        headers = {"x-kannel-coding": "0", "content-type": "text/plain"}
        return HookRequest("POST", "/hooks/sms/main", query, headers, written.text.encode(), wall_clock())

    async def writes(self, written: Written) -> Sequence[Event]:
        request = await self.request(written)
        assert request is not None
        return self._comes(request)

    async def address_of(self, who: str) -> str:
        return NUMBERS[who]

    async def got(self) -> list[Got]:
        return [Got(headers["x-kannel-to"], text) for headers, text in self.taken]

    async def trouble(self, kind: Trouble | None) -> None:
        self.kind = kind
        port = free_port() if kind == "away" else self.port
        url = f"http://127.0.0.1:{port}/sendsms"
        object.__setattr__(self.account, "settings", self.account.settings.model_copy(update={"url": url}))

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        url = urlsplit(self.taken[-1][0]["x-kannel-dlr-url"].replace("%d", "1" if state == "delivered" else "2"))
        query = dict(parse_qsl(url.query))
        assert query["receipt"] == provider_id
        return self._comes(HookRequest("GET", url.path, query, {}, b"", wall_clock()))

    def _comes(self, request: HookRequest) -> Sequence[Event]:
        assert isinstance(self.channel, Sms)
        self.channel.verify(self.account, request)
        return self.channel.parse(self.account, request)

    port: int = 0


@pytest.fixture
async def scene() -> AsyncIterator[GatewayScene]:
    settings = Settings(transport="http", url="http://127.0.0.1/", username="shop")
    ours = account(settings, hook_url="https://desk.example/hooks/sms/main")
    async with SafeHttp(allowed(["127.0.0.1"])) as http:
        made = GatewayScene(open_channel(Tools(http, wall_clock)), ours)
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.port = server.sockets[0].getsockname()[1]
        await made.trouble(None)
        yield made
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("case", CASES)
async def test_text_messages_by_a_gateway_keep_the_contract(case: str, scene: GatewayScene) -> None:
    if not await run(case, scene):
        pytest.skip("texts carry no files and no idempotency keys")
