"""What every stand-in needs: a port of its own, troubles on order, and a webhook that is called until it takes the news."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

RETRY_SECONDS = (0.05, 0.2, 1, 5, 15)
"""Services wait longer; the shape is theirs: again until it is taken, ever more slowly."""
LAST_SECONDS = 0.5
"""For calls that still run when a stand-in ends."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the service answers instead, once."""

    status: int
    body: Any = None
    """JSON, or None for the page of a proxy that found nobody behind it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    carried_out: bool = False
    """Whether the service did what was asked before it failed to say so."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a form."""

    name: str
    content_type: str
    content: bytes


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, Upload]]:
    """A form's plain values and its files."""
    values: dict[str, str] = {}
    files: dict[str, Upload] = {}
    async with request.form(max_part_size=60 * 1024 * 1024) as form:
        for name, value in form.items():
            if isinstance(value, str):
                values[name] = value
            else:
                kind = value.content_type or "application/octet-stream"
                files[name] = Upload(value.filename or "file", kind, await value.read())
    return values, files


@contextlib.asynccontextmanager
async def served(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """The app on a port of this machine; yields its address."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    calls: set[asyncio.Task[Any]] = set()

    async def quietly(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        calls.add(task)
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not server.should_exit:
                raise
            await Response(status_code=503)(scope, receive, send)
        finally:
            calls.discard(task)

    def end_polls() -> None:
        for call in calls:
            call.cancel()

    config = uvicorn.Config(quietly, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells only by this flag
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        # Long polls are ended here: when uvicorn has to end them it prints a traceback for each.
        soon = asyncio.get_running_loop().call_later(LAST_SECONDS, end_polls)
        await serving
        soon.cancel()


class Heard:
    """How many messages people got, and a way to wait for the next."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    def note(self, person: str) -> None:
        """He got one more."""
        self._counts[person] = self._counts.get(person, 0) + 1
        if person in self._waiting:
            self._waiting[person].set()

    async def until(self, person: str, count: int) -> None:
        """Returns as soon as he has got `count`."""
        news = self._waiting.setdefault(person, asyncio.Event())
        while self._counts.get(person, 0) < count:
            news.clear()
            await news.wait()

    def count(self, person: str) -> int:
        """How many he got."""
        return self._counts.get(person, 0)

    def forget(self, person: str) -> None:
        """He waits no more."""
        self._counts.pop(person, None)
        self._waiting.pop(person, None)


Told = Callable[[httpx.Response], Awaitable[None]]


class Caller:
    """Calls webhooks in order: the next news waits until this one is taken."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=15)
        self._waiting: asyncio.Queue[tuple[Callable[[], Awaitable[httpx.Response]], Told | None]] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None
        self.answers: list[int] = []
        """The statuses the webhooks answered with, in order."""

    def tell(self, url: str, body: bytes, headers: Mapping[str, str], heard: Told | None = None) -> None:
        """Calls the webhook as soon as what came before is taken; `heard` is given its answer."""
        sent = {"content-type": "application/json", **headers}
        self._waiting.put_nowait((lambda: self._client.post(url, content=body, headers=sent), heard))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    async def ask(self, url: str, query: Mapping[str, str]) -> httpx.Response:
        """A question to a webhook, such as whether it is who it says."""
        return await self._client.get(url, params=query)

    async def quiet(self) -> None:
        """Returns when everything that was told has been taken."""
        await self._waiting.join()

    async def close(self) -> None:
        """What was not taken is forgotten."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._client.aclose()

    async def _run(self) -> None:
        while True:
            call, heard = await self._waiting.get()
            for attempt in range(1000):
                with contextlib.suppress(httpx.HTTPError):
                    answer = await call()
                    self.answers.append(answer.status_code)
                    if answer.is_success:
                        if heard is not None:
                            await heard(answer)
                        break
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            self._waiting.task_done()
