"""What a server writes while people talk and go wrong, and how it ends: what is open is finished, screens go elsewhere."""

import asyncio
import contextlib
import json
from collections.abc import Iterator

import httpx
import pytest
import websockets

from parlons.testing.people import COOKIE, Visitor
from tests.app.conftest import Centre, centre, identify
from tests.app.test_desk_socket import chat, end, first, line

NAME, MAIL, WORDS = "Ottoline Vraxby", "ottoline@vraxby.example", "mon code est 4471-QRZ"
SECRETS = ("ottoline", "vraxby", "4471-qrz", "geheimwort", "bjorqzen")


@pytest.fixture
def alone() -> Iterator[Centre]:
    with centre() as found:
        yield found


async def goes_wrong(visitor: Visitor, here: Centre) -> None:
    """Everything a person may get wrong, with his values in it."""
    browser = visitor.wire.client
    url, api = visitor.wire.url, f"{here.server.url}/api/v1"
    long = {"client_id": "x", "text": WORDS * 5000}
    for path, body in (
        ("/messages", long),
        ("/messages", {"text": [WORDS]}),
        ("/offline", {"client_id": "y", "name": NAME, "email": "no", "text": WORDS}),
        ("/identity", {"user_id": NAME, "email": MAIL, "name": NAME, "signature": "bad"}),
        (f"/{NAME}", {}),
    ):
        assert (await browser.post(f"{url}{path}", json=body)).status_code in (404, 405, 413, 422, 403, 401, 400)
    assert (await browser.post(f"{url}/messages", content=f'{{"text": "{WORDS}')).status_code == 422
    assert (await browser.post(f"{url}/files", files={"file": (f"{NAME}.exe", b"MZ")})).status_code == 422
    assert (await browser.post(f"{api}/session", json={"email": MAIL, "password": "geheimwort"})).status_code == 401
    assert (await browser.get(f"{api}/customers?q={NAME}")).status_code == 401
    async with websockets.connect(f"{visitor.wire.socket_url}/socket") as socket:
        await socket.send(f'{{"type": "hello", "token": "{NAME}"')
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.recv()


async def test_what_is_written_names_nobody_and_the_end_is_gentle(alone: Centre) -> None:
    await alone.furnish()
    async with alone.at_desk("ada@north.example") as ada:
        await ada.become("Available")
        async with alone.visitor() as visitor:
            await identify(visitor, user_id="bjorqzen", email=MAIL, name=NAME)
            await goes_wrong(visitor, alone)
        talk = await chat(alone, ada, "north")
        await ada.answer(talk[0], WORDS)
        await ada.wire.call("GET", f"/customers?q={NAME}")
        await end(ada, *talk)
        await ada.become("Offline")
        async with line(ada) as socket:
            await first(socket, "snapshot")
            await ends_gently(alone, ada.wire.client.cookies[COOKIE])
            await first(socket, "resync")
    lines = [text for text in alone.server.said if text.startswith("{")]
    assert {json.loads(text)["level"] for text in lines} <= {"debug", "info", "warning"}, "\n".join(lines)
    told = "\n".join(alone.server.said).lower()
    assert [secret for secret in SECRETS if secret in told] == []
    assert "traceback" not in told
    assert any(text.startswith("Ending") for text in alone.server.said)


async def ends_gently(here: Centre, cookie: str) -> None:
    """An upload is on its way when the server is told to end: it is taken to its end, and only then the server goes."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nfirst '
    tail = b"last\r\n--b--\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
    writer.write(
        f"POST /api/v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Parlons: 1\r\nCookie: {COOKIE}={cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(head + tail)}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n"), "it is being read"
    writer.write(head)
    ending = asyncio.create_task(asyncio.to_thread(here.server.end))
    async with asyncio.timeout(30), httpx.AsyncClient() as other:
        with contextlib.suppress(httpx.HTTPError):
            while True:
                await other.get(f"{here.server.url}/health/live")
    writer.write(tail)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 201"), answer
    assert b'"size":10' in answer, answer
    assert await ending == 0
