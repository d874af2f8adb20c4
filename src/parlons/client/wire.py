"""The clients: one that waits, one that is awaited. Both repeat what may safely be repeated, under the same idempotency key."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

import httpx

from parlons.client.calls import AsyncPages, Later, Listing, Now, Pages, Request
from parlons.client.events import Told, told
from parlons.client.operations import Groups
from parlons.client.problems import NoAnswerError, problem_of

API = "/api/v1"
ATTEMPTS = 5
LONGEST_PAUSE = 60.0
"""Seconds: a server that asks for more is believed, and its refusal raised."""
SAFE = ("GET", "PUT", "DELETE")
"""Methods that do the same when they come twice."""


Outcome = httpx.Response | httpx.TransportError


def _prepared(call: Request[Any]) -> dict[str, Any]:
    """What httpx sends; the same for each attempt."""
    headers = {}
    if call.once:
        headers["Idempotency-Key"] = call.key or uuid.uuid4().hex
    if call.if_match is not None:
        headers["If-Match"] = call.if_match
    query = {name: value for name, value in (call.query or {}).items() if value is not None}
    request: dict[str, Any] = {"method": call.method, "url": API + call.path, "params": query, "headers": headers}
    if call.file is not None:
        return {**request, "files": {"file": call.file}, "data": dict(call.fields or {})}
    if call.text is not None:
        return {**request, "content": call.text.encode()}
    return request if call.body is None else {**request, "json": call.body}


def _pause(call: Request[Any], outcome: Outcome, attempt: int) -> float | None:
    """Seconds until a call is repeated; None: it is not."""
    if attempt + 1 >= ATTEMPTS:
        return None
    growing = min(8.0, 0.25 * 2**attempt)
    harmless = call.once or call.method in SAFE
    if isinstance(outcome, httpx.TransportError):
        return growing if harmless else None
    if outcome.status_code != 429 and not (outcome.status_code == 503 and harmless):  # a 503 may come after the act
        return None
    try:
        asked = float(outcome.headers.get("Retry-After", growing))
    except ValueError:
        asked = growing
    return asked if asked <= LONGEST_PAUSE else None


def _result(call: Request[Any], outcome: Outcome) -> Any:
    """The answer as its type says. Raises ProblemError, NoAnswerError."""
    if isinstance(outcome, httpx.TransportError):
        raise NoAnswerError(f"{type(outcome).__name__}: {outcome}") from outcome
    if not outcome.is_success:
        raise problem_of(outcome)
    match call.reads:
        case "nothing":
            return None
        case "text":
            return outcome.text
        case "bytes":
            return outcome.content
        case _:
            return outcome.json()


class _Waiting:
    """Carries calls out while the caller waits."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send(self, call: Request[Any]) -> Any:
        """The answer. Raises ProblemError, NoAnswerError."""
        request, attempt = _prepared(call), 0
        while True:
            try:
                outcome: Outcome = self._http.request(**request)
            except httpx.TransportError as error:
                outcome = error
            pause = _pause(call, outcome, attempt)
            if pause is None:
                return _result(call, outcome)
            time.sleep(pause)
            attempt += 1

    def pages(self, call: Listing[Any]) -> Pages[Any]:
        """A list."""
        return Pages(self, call)


class _Awaited:
    """Carries calls out for those who await them."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, call: Request[Any]) -> Any:
        """The answer. Raises ProblemError, NoAnswerError."""
        request, attempt = _prepared(call), 0
        while True:
            try:
                outcome: Outcome = await self._http.request(**request)
            except httpx.TransportError as error:
                outcome = error
            pause = _pause(call, outcome, attempt)
            if pause is None:
                return _result(call, outcome)
            await asyncio.sleep(pause)
            attempt += 1

    def pages(self, call: Listing[Any]) -> AsyncPages[Any]:
        """A list."""
        return AsyncPages(self, call)


class Client(Groups[Now]):
    """`Client(url, key)`: groups of routes as attributes, such as `client.customers.list_customers(q="Claire")`."""

    def __init__(
        self, url: str, key: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`url`: the server's, without a path. `transport`: httpx's, for proxies and tests."""
        headers = {"Authorization": f"Bearer {key.strip()}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        super().__init__(_Waiting(self.http))

    def close(self) -> None:
        """Ends the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Groups[Later]):
    """The same, awaited; besides, `events()`."""

    def __init__(
        self, url: str, key: str, *, timeout: float = 30.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """As `Client`."""
        self._url, self._key = url.rstrip("/"), key.strip()
        headers = {"Authorization": f"Bearer {self._key}"}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, transport=transport)
        super().__init__(_Awaited(self.http))

    def events(self, cursor: int | None = None) -> AsyncGenerator[Told]:
        """Everything that happens as far as the key's rights go, for ever: first a `Snapshot`, then each `Event` once.

        A connection that ends is opened again where it was; when the server no longer has what was missed, another
        `Snapshot` comes. `cursor`: the last sequence seen before, to begin there. Raises ProblemError when the key is refused.
        """
        return told(f"{self._url.replace('http', 'ws', 1)}{API}/socket", self._key, cursor)

    async def close(self) -> None:
        """Ends the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self.close()
