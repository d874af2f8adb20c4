"""Access tokens: fetched with the refresh token, kept while they hold, told when they are refused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from parlons.channels.email.oauth import Access
from parlons.channels.model import Account
from parlons.channels.plugin import Tools, TryLater
from parlons.kit.clock import Millis
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.email.office import SHOP, account


@dataclass
class Provider:
    """A token address over real HTTP."""

    port: int = 0
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    refuses: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        self.asked.append(parse_qs((await reader.readexactly(length)).decode()))
        body = (
            '{"error":"invalid_grant"}'
            if self.refuses
            else f'{{"access_token":"t{len(self.asked)}","expires_in":3600}}'
        )
        status = "400 Bad Request" if self.refuses else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    there = Provider()
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    yield there
    server.close()


async def test_a_token_is_fetched_kept_renewed_and_its_refusal_told(provider: Provider) -> None:
    plain = account(oauth_url=f"http://127.0.0.1:{provider.port}/token", oauth_client="parlons")
    box = Account(
        "CA1", "T", "W", "F", "email", "shop", SHOP, plain.settings, {"refresh-token": "r", "client-secret": "c"}
    )
    now = [1_000_000]
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        access = Access(Tools(http, lambda: Millis(now[0])))
        assert await access.token(box) == await access.token(box) == "t1"
        assert provider.asked[0] == {
            "grant_type": ["refresh_token"], "refresh_token": ["r"], "client_id": ["parlons"], "client_secret": ["c"],
        }  # fmt: skip
        now[0] += 3_500_000
        assert await access.token(box) == "t2", "before it ends"
        access.forget(box)
        provider.refuses = True
        with pytest.raises(TryLater, match="no-access-token") as told:
            await access.token(box)
        assert told.value.reason == "400 invalid_grant"
        assert await access.token(account()) is None, "a mailbox with a password"
