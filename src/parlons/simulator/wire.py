"""The wires practice people use: HTTP with the API's problem answers, and sockets that come back by themselves.

A send that got no answer is sent again under the same client id until it is acknowledged or refused for good: what the
ledger calls acknowledged was acknowledged by the server.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import orjson
import websockets

Json = dict[str, Any]
RETRY_SECONDS = (0.2, 0.5, 1, 2, 3)


class Refused(Exception):
    """The server said no for good; `code` is the API's."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Wire:
    """One person's HTTP client."""

    def __init__(self, urls: list[str], base: str, headers: dict[str, str]) -> None:
        """`urls`: addresses of the servers, tried in turn when one does not answer."""
        self._urls, self._base, self._at = urls, base, 0
        self.client = httpx.AsyncClient(timeout=15, headers=headers)

    @property
    def url(self) -> str:
        """Where the present server's routes for this person are."""
        return self._urls[self._at] + self._base

    @property
    def socket_url(self) -> str:
        """Where the present server's sockets are."""
        return self.url.replace("http", "ws", 1)

    def lost(self, url: str) -> None:
        """`url` did not answer: its server is left for the next one, unless another request or socket left it already.

        Two that fail together and both step on would otherwise meet at the dead one for ever.
        """
        if url.startswith((self.url, self.socket_url)):
            self._at = (self._at + 1) % len(self._urls)

    async def call(self, method: str, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """The answer's JSON. Keeps trying while the server is away or busy; raises `Refused` for a final no."""
        headers = {"Idempotency-Key": key} if key else {}
        attempt = 0
        while True:
            url = self.url + path
            try:
                answer = await self.client.request(method, url, json=body, headers=headers)
            except httpx.HTTPError:
                self.lost(url)
            else:
                if answer.status_code < 300:
                    return dict(orjson.loads(answer.content)) if answer.content else {}
                if answer.status_code not in (425, 429, 500, 502, 503, 504, 507):
                    raise Refused(answer.status_code, _code(answer))
            await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1

    async def close(self) -> None:
        """Ends the connections."""
        await self.client.aclose()


def _code(answer: httpx.Response) -> str:
    with contextlib.suppress(ValueError):
        return str(orjson.loads(answer.content).get("code", "refused"))
    return "refused"


Greeting = Callable[[], Awaitable[tuple[str, dict[str, str], Json]]]
"""Gives url, headers and first frame for each (re)connection."""


async def frames(greet: Greeting, lost: Callable[[str], None]) -> AsyncIterator[Json]:
    """Frames of a socket for ever; each reconnection begins with the server's snapshot. Answers pings.

    `lost` is told the url of a connection that ended.
    """
    attempt = 0
    while True:
        url, headers, hello = await greet()
        try:
            async with websockets.connect(url, additional_headers=headers, max_size=2**24, open_timeout=10) as socket:
                await socket.send(orjson.dumps(hello).decode())
                async for data in socket:
                    attempt = 0
                    frame: Json = orjson.loads(data)
                    if frame.get("type") == "ping":
                        await socket.send('{"type":"pong"}')
                    elif frame.get("type") == "resync":
                        break
                    else:
                        yield frame
        except (OSError, websockets.WebSocketException, TimeoutError):
            lost(url)
        await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
        attempt += 1
