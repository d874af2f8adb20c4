"""A small server of the outside world on a free port: what it was asked, and what it answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Outsider:
    """Answers every request by `answer`, raw bytes; b"" means never."""

    answer: Callable[["Request"], bytes] = lambda _: ok(b'{"late": true}')
    port: int = 0
    requests: list["Request"] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """An address of it."""
        return f"http://{host}:{self.port}{path}"


@dataclass
class Request:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes


def ok(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer."""
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{headers}\r\n"
    return head.encode() + body


@asynccontextmanager
async def outsider() -> AsyncIterator[Outsider]:
    """It serves until the end."""
    found = Outsider()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            request = Request(line, headers, body)
            found.requests.append(request)
            found.came.set()
            answer = found.answer(request)
            if not answer:
                await reader.read()  # until the other side gives up
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
