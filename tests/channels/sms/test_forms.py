"""Texts with files by a gateway that takes forms: fetched and shown, sent by addresses that only it was given."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.channels import public_files
from parlons.channels.model import Account, HookRequest, Incoming, Receipt
from parlons.channels.plugin import BadHook
from parlons.channels.sms import forms
from parlons.channels.sms.settings import Settings
from parlons.simulator.providers.wire import served
from tests.channels.messaging.house import House, living

CLAIRE, NUMBER = "+33612345678", "+33756000042"
PICTURE = b"\xff\xd8\xff\xe0" + b"\x07" * 9_000
SECRETS = {"password": "s3cret", "token": "t0ken"}


class FormGateway:
    """Takes forms, fetches what they name, and has files of its own for who is let in."""

    def __init__(self) -> None:
        self.sent: list[dict[str, list[str]]] = []
        self.fetched: list[tuple[str, bytes]] = []
        self.url = ""
        routes = [Route("/messages", self._take, methods=["POST"]), Route("/files/{name}", self._file)]
        self.app = Starlette(routes=routes)

    async def _take(self, request: Request) -> Response:
        if not self._known(request):
            return JSONResponse({"message": "Authenticate"}, 401)
        form = parse_qs((await request.body()).decode())
        async with httpx.AsyncClient(trust_env=False) as client:
            for url in form.get("MediaUrl", []):
                answer = await client.get(url)
                self.fetched.append((answer.headers["content-type"], answer.content))
        self.sent.append(form)
        return JSONResponse({"sid": f"MM{len(self.sent)}", "status": "queued"}, 201)

    async def _file(self, request: Request) -> Response:
        if not self._known(request):
            return Response(status_code=401)
        return Response(PICTURE, media_type="image/jpeg")

    def _known(self, request: Request) -> bool:
        right = "Basic " + base64.b64encode(b"shop:s3cret").decode()
        return request.headers.get("authorization") == right


@pytest.fixture
async def gateway() -> AsyncIterator[FormGateway]:
    made = FormGateway()
    async with served(made.app) as url:
        made.url = url
        yield made


@pytest.fixture
async def house(empty_database: str, tmp_path: Any) -> AsyncIterator[House]:
    async with living(empty_database, tmp_path / "files") as found:
        found.app.router.routes.append(public_files.route())
        yield found


async def test_pictures_go_both_ways(house: House, gateway: FormGateway) -> None:
    settings = {"transport": "form", "media": True, "url": f"{gateway.url}/messages", "username": "shop"}
    account = await house.account("sms", NUMBER, settings, SECRETS)
    comes = {
        "MessageSid": "MM100", "From": CLAIRE, "To": NUMBER, "Body": "Voilà l’été", "NumMedia": "1",
        "MediaUrl0": f"{gateway.url}/files/ME1", "MediaContentType0": "image/jpeg",
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(2):
            answer = await client.post(house.hook(account), params={"token": "t0ken"}, data=comes)
            assert answer.status_code == 200
        assert (await client.post(house.hook(account), params={"token": "no"}, data=comes)).status_code == 403
        first = await house.said("Voilà l’été")
        shown, body = await house.attachment(first["id"])
        assert (shown["name"], body) == ("file-1.jpg", PICTURE)
        found = str(first["conversation_id"])
        await house.takes(found)
        picture = ("Devis été.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\x03" * 2_000)
        reply = await house.answers(found, "Le devis : 8 200 €", picture)
        await house.came_to(reply, "sent")
        (form,) = gateway.sent
        assert (form["To"], form["From"], form["Body"]) == ([CLAIRE], [NUMBER], ["Le devis : 8 200 €"])
        assert gateway.fetched == [("image/png", picture[2])]
        told = await client.post(form["StatusCallback"][0], data={"MessageSid": "MM1", "MessageStatus": "delivered"})
        assert told.status_code == 200
        await house.came_to(reply, "delivered")
        (url,) = form["MediaUrl"]
        place, until, token = url.rsplit("/", 2)
        other = ("b" if token[0] == "a" else "a") + token[1:]
        assert (await client.get(f"{place}/{until}/{other}")).status_code == 404
        assert (await client.get(f"{place}/{int(until) + 3_600_000}/{token}")).status_code == 404, (
            "nobody makes it hold longer"
        )
    assert len(await house.rows("SELECT * FROM messages WHERE direction = 'in'")) == 1


async def test_an_address_holds_for_a_day(house: House) -> None:
    shared, file_id, now = house.post.public_files, "FL" + "1" * 32, 1_790_000_000_000
    url = shared.address(house.home.tenant_id, file_id, now)
    _, _, tenant, until, token = url.rsplit("/", 4)
    assert shared.named(tenant, until, token, now + public_files.HOLDS_MS) == file_id
    for asked in (
        (tenant, until, token, int(until) + 1),
        ("AC" + "2" * 32, until, token, now),
        (tenant, "x", token, now),
    ):
        with pytest.raises(public_files.FileMissing):
            shared.named(*asked)


def test_files_need_a_gateway_that_carries_them() -> None:
    with pytest.raises(ValidationError, match="media needs"):
        Settings(transport="http", url="https://x.example", username="u", media=True)


def test_what_a_gateway_calls_with() -> None:
    settings = Settings(transport="form", url="https://gateway.example/m", username="u")
    account = Account("CC1", "AC1", "WS1", "FI1", "sms", "x", NUMBER, settings, SECRETS)

    def read(body: bytes, **query: str) -> Any:
        return forms.parse(account, HookRequest("POST", "/", query, {}, body, 0))

    (said,) = read(b"MessageSid=SM1&From=%2B33612345678&Body=Bonjour&NumMedia=1&MediaUrl0=file:///etc/passwd")
    assert isinstance(said, Incoming)
    assert (said.id, said.text, said.files) == ("SM1", "Bonjour", ())
    assert read(b"MessageStatus=undelivered&ErrorCode=30003", receipt="DV1") == [
        Receipt("DV1", "failed", "not-delivered", "error 30003")
    ]
    assert read(b"MessageStatus=queued", receipt="DV1") == []
    for bad in (b"", b"Body=x", b"\xff\xfe", b"From=%2B33612345678"):
        with pytest.raises(BadHook):
            read(bad)
    assert forms.headers_for(account, "https://elsewhere.example/f") == {}
