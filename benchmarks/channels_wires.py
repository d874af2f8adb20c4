"""How customers reach every text channel in the channels' figures: each wire as the provider has it, messages of distinct people.

Hooks are signed over their bytes, mail comes by SMTP over a mail server's kept connections, text messages as deliver_sm of a
centre we are bound to, Matrix in answers of `/sync`, the site's chat as its page writes. Every message's text is its number.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import orjson
import smpp34
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.channels_http import Calls
from parlons.channels.telegram.channel import SECRET_HEADER, hook_secret
from parlons.channels.webhook.channel import signature as standard_signature
from parlons.simulator.providers.graph import SIGNATURE, signature
from parlons.simulator.providers.wire import served
from parlons.testing.processes import free_port

Send = Callable[[str], Coroutine[Any, Any, None]]
KEY, TOKEN = "bench-partner-key", "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK"
NUMBER, PAGE, INSTAGRAM = "106540352242922", "682498302938465", "17841405309211844"
CHAT_KEY, SITE = "shop", "https://shop.example"
LINES = 40
"""Connections of all providers together."""
MAIL_LINES = 8
"""Connections a mail server before us keeps open."""


@dataclass
class Wires:
    """The far ends, and by channel how a message with this text is sent; each returns when the provider is told it was taken."""

    client: Calls
    smtp_port: int
    sends: dict[str, Send] = field(default_factory=dict)
    serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    bind: Any = None
    again: int = 0
    """Calls that were told "not now"."""
    visitors: list[str] = field(default_factory=list)
    mails: "asyncio.Queue[aiosmtplib.SMTP]" = field(default_factory=asyncio.Queue)

    async def call(self, channel: str, body: bytes, **headers: str) -> None:
        """A signed call of a provider's hook; called again as providers do until it is taken."""
        sent = {"content-type": "application/json", **headers}
        while True:
            answer = await self.client.post(f"/hooks/{channel}/bench", body, sent)
            if answer.is_success:
                return
            await self._refused(f"{channel}: {answer.status_code} {answer.text[:300]}", answer.status_code == 503)

    async def _refused(self, why: str, for_now: bool) -> None:
        """The other side calls again, as all of them do; anything but "not now" is an error of the measurement."""
        assert for_now, why
        self.again += 1
        await asyncio.sleep(0.2)

    async def webhook(self, text: str) -> None:
        """The generic channel."""
        number, stamp = f"m{next(self.serial)}", str(int(time.time()))
        body = orjson.dumps(
            {"type": "message", "id": number, "from": {"id": f"c-{text}", "name": "Claire"}, "text": text}
        )
        signed = standard_signature(KEY, number, stamp, body)
        await self.call(
            "webhook", body, **{"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": signed}
        )

    async def whatsapp(self, text: str) -> None:
        """A business number."""
        person = f"336{next(self.serial):08d}"
        message = {"from": person, "id": f"wamid.{text}", "timestamp": str(int(time.time())), "type": "text",
                   "text": {"body": text}}  # fmt: skip
        told = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "messages": [message],
                "contacts": [{"profile": {"name": "Kerry"}, "wa_id": person}]}  # fmt: skip
        entry = {"id": "102290129340398", "changes": [{"value": told, "field": "messages"}]}
        await self._graph("whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})

    async def messenger(self, text: str) -> None:
        """A page."""
        await self._graph("messenger", self._direct("page", PAGE, text))

    async def instagram(self, text: str) -> None:
        """A professional account."""
        await self._graph("instagram", self._direct("instagram", INSTAGRAM, text))

    def _direct(self, kind: str, account: str, text: str) -> dict[str, Any]:
        at = time.time_ns() // 1_000_000
        event = {"sender": {"id": str(7_000_000_000 + next(self.serial))}, "recipient": {"id": account}, "timestamp": at,
                 "message": {"mid": f"m_{text}", "text": text}}  # fmt: skip
        return {"object": kind, "entry": [{"id": account, "time": at, "messaging": [event]}]}

    async def _graph(self, channel: str, body: dict[str, Any]) -> None:
        raw = orjson.dumps(body)
        await self.call(channel, raw, **{SIGNATURE: signature(raw)})

    async def telegram(self, text: str) -> None:
        """A bot."""
        number = next(self.serial)
        who = {"id": 500_000_000 + number, "first_name": "Luc"}
        message = {"message_id": 1, "from": {**who, "is_bot": False, "language_code": "fr"},
                   "chat": {**who, "type": "private"}, "date": int(time.time()), "text": text}  # fmt: skip
        update = orjson.dumps({"update_id": number, "message": message})
        await self.call("telegram", update, **{SECRET_HEADER: hook_secret(TOKEN)})

    async def webchat(self, text: str) -> None:
        """The site's chat: a visitor whose visit has begun writes."""
        body = orjson.dumps({"client_id": text, "text": text, "language": "fr"})
        headers = {"Authorization": f"Bearer {self.visitors.pop()}", **self._site()}
        while (answer := await self.client.post(_chat("messages"), body, headers)).status_code != 201:
            await self._refused(answer.text, answer.status_code == 503)

    async def visits(self, many: int) -> None:
        """Visits begin: before they are measured."""
        for _ in range(many):
            answer = await self.client.post(_chat("visits"), b'{"consent":"writing"}', self._site())
            assert answer.status_code == 201, answer.text
            self.visitors.append(answer.json()["visitor_token"])

    def _site(self) -> dict[str, str]:
        """Each visitor at an address of his own, as a proxy tells it."""
        number = next(self.serial)
        return {
            "Content-Type": "application/json",
            "Origin": SITE,
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }

    async def email(self, text: str) -> None:
        """A mail over one of the kept connections."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Claire <c{next(self.serial)}@client.example>", "shop@bench.example"
        mail["Subject"], mail["Message-ID"] = "Vela 3", f"<{text}@client.example>"
        mail.set_content(text)
        mail.add_alternative(f"<p>{text}</p>", subtype="html")
        line = await self.mails.get()
        try:
            while True:
                try:
                    await line.send_message(mail)
                    return
                except aiosmtplib.SMTPResponseException as refusal:
                    await self._refused(refusal.message, refusal.code // 100 == 4)
        finally:
            self.mails.put_nowait(line)

    async def sms(self, text: str) -> None:
        """A deliver_sm of the centre."""
        source = f"337{next(self.serial):08d}"
        while True:
            try:
                await self.bind.deliver_sm(
                    "33755000000", text.encode("utf-16-be"), source_addr=source, source_addr_ton=1, source_addr_npi=1,
                    data_coding=8,
                )  # fmt: skip
                return
            except smpp34.SmppError as refusal:
                await self._refused(str(refusal), "RSYSERR" in str(refusal) or "RX_T_APPN" in str(refusal))


def _chat(what: str) -> str:
    return f"/api/v1/webchat/{CHAT_KEY}/{what}"


class Homeserver:
    """As much of a homeserver as following rooms takes: `/sync` that waits for news."""

    def __init__(self) -> None:
        self._rooms: list[tuple[str, asyncio.Event]] = []
        self._news = asyncio.Event()
        self._told: list[asyncio.Event] = []
        self._serial = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/_matrix/client/v3/sync", self._sync),
                Route("/{rest:path}", self._anything, methods=["GET", "POST", "PUT"]),
            ]
        )

    async def matrix(self, text: str) -> None:
        """Somebody writes in a room alone with the shop; returns when the shop has asked for what comes after."""
        taken = asyncio.Event()
        self._rooms.append((text, taken))
        self._news.set()
        await taken.wait()

    async def _sync(self, request: Request) -> Response:
        for taken in self._told:
            taken.set()
        self._told = []
        if "since" in request.query_params:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self._news.wait()
        self._news.clear()
        news, self._rooms = self._rooms, []
        self._told = [taken for _, taken in news]
        return JSONResponse({"next_batch": f"s{next(self._serial)}", "rooms": {"join": dict(map(self._room, news))}})

    def _room(self, one: tuple[str, asyncio.Event]) -> tuple[str, Any]:
        number, text = next(self._serial), one[0]
        event = {"type": "m.room.message", "event_id": f"${text}", "sender": f"@c{number}:bench.example",
                 "origin_server_ts": time.time_ns() // 1_000_000,
                 "content": {"msgtype": "m.text", "body": text}}  # fmt: skip
        return f"!r{number}:bench.example", {
            "summary": {"m.joined_member_count": 2, "m.invited_member_count": 0},
            "timeline": {"events": [event], "limited": False},
        }

    async def _anything(self, _: Request) -> Response:
        """The bot service lives here too: whatever it is asked, it agrees."""
        return JSONResponse({"ok": True, "result": True})


@dataclass
class Ends:
    """Addresses of the far ends, for the configuration."""

    services: str
    smpp_port: int
    smtp_port: int


@contextlib.asynccontextmanager
async def far_ends() -> AsyncIterator[tuple[Ends, Homeserver, Any]]:
    """The homeserver and the SMPP centre, listening."""
    home, port = Homeserver(), free_port()
    centre = smpp34.Server("127.0.0.1", port, system_id="CENTRE")
    await centre.start()
    try:
        async with served(home.app) as url:
            yield Ends(url, port, free_port()), home, centre
    finally:
        await centre.stop()


@contextlib.asynccontextmanager
async def wires(url: str, ends: Ends, home: Homeserver, bind: Any) -> AsyncIterator[Wires]:
    """Everything a customer can write by, connected."""
    with contextlib.closing(Calls(url, LINES)) as client:
        made = Wires(client, ends.smtp_port, bind=bind)
        for _ in range(MAIL_LINES):
            line = aiosmtplib.SMTP(
                hostname="127.0.0.1", port=ends.smtp_port, timeout=120, use_tls=False, start_tls=False
            )
            await line.connect()
            made.mails.put_nowait(line)
        made.sends = {
            "webchat": made.webchat, "email": made.email, "sms": made.sms, "whatsapp": made.whatsapp,
            "messenger": made.messenger, "instagram": made.instagram, "telegram": made.telegram,
            "matrix": home.matrix, "webhook": made.webhook,
        }  # fmt: skip
        try:
            yield made
        finally:
            while not made.mails.empty():
                made.mails.get_nowait().close()
