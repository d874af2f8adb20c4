"""One conversation over several channels: a letter read in its frame, answered by mail, gone on with by SMS in the same hands."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage

import httpx
import pytest
import pytest_asyncio
import uvicorn
from aiosmtplib import send
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.testing.processes import free_port
from tests.channels.email.servers import Sink, sink
from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import BOTH, Sweep, set_language

__all__ = ["free_port", "set_language"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
Put = Callable[[Desk, str], Awaitable[None]]
SHOP, NUMBER, TOKEN = "atelier@delmas.example", "+33756000099", "the gateway's token"
FIRM = "Delmas Automobiles"
WHO = {"fr": ("Claire Rousseau", "+33 6 12 34 56 78"), "en": ("Emma Whitfield", "+33 7 56 21 40 08")}
"""Somebody of one's own for each language: who has been here before goes on where he was."""
PAGE = """<p>Bonjour,</p><p>Ma <b>Vela 3</b> sera-t-elle prête vendredi&nbsp;?</p>
<script>parent.document.title = 'taken'</script><img src="https://track.invalid/1.gif" alt="">
<blockquote type="cite">Votre voiture est arrivée ce matin.</blockquote>"""


@dataclass
class Gateway:
    """Takes texts as an SMS gateway does; refuses as long as it is told to."""

    url: str
    refuses: bool = False
    texts: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        if self.refuses:
            return Response("3: Malformed", status_code=400)
        self.texts.append((await request.body()).decode())
        self.receipts.append(request.headers["x-kannel-dlr-url"])
        self.came.set()
        return Response("0: Accepted for delivery", status_code=202)


@contextlib.asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    there = Gateway(f"http://127.0.0.1:{listening.getsockname()[1]}/sendsms")
    app = Starlette(routes=[Route("/sendsms", there.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield there
    finally:
        server.should_exit = True
        await task


@dataclass
class Outside:
    """The mail server, the gateway, and a customer at the computer and telephone."""

    floor: Floor
    mail: Sink
    sms: Gateway
    listen: int
    name: str
    number: str

    async def writes(self, subject: str) -> None:
        """The customer's mail, with a page, a picture that would tell on its reader, and what she quotes."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = (
            f"{self.name} <{self.name.split()[0].lower()}@client.example>",
            SHOP,
            subject,
        )
        mail["Message-ID"] = f"<{subject.replace(' ', '-')}@client.example>"
        mail.set_content(
            "Bonjour,\n\nMa Vela 3 sera-t-elle prête vendredi ?\n\n> Votre voiture est arrivée ce matin.\n"
        )
        mail.add_alternative(PAGE, subtype="html")
        await send(mail, hostname="127.0.0.1", port=self.listen, start_tls=False)

    async def texts(self, words: str) -> None:
        """The customer's SMS."""
        async with httpx.AsyncClient(trust_env=False) as client:
            params = {"token": TOKEN, "from": self.number.replace(" ", ""), "to": NUMBER, "text": words, "id": words}
            answer = await client.get(f"{self.floor.server.url}/hooks/sms/atelier-sms", params=params)
            assert answer.is_success, answer.text

    async def arrived(self) -> None:
        """The gateway says that the last text has arrived."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(self.sms.receipts[-1].replace("%d", "1"))
            assert answer.is_success, answer.text


async def _listens(port: int) -> None:
    """Waits until the mailbox takes mails: it is opened some time after it was configured."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="session")
async def outside(floor: Floor, locale: str) -> AsyncIterator[Outside]:
    """A mailbox and a number of the demo's firm; taken away afterwards."""
    async with sink() as mail, gateway() as sms:
        listen = free_port()
        mailbox = {
            "receive": "smtp", "listen": f"127.0.0.1:{listen}", "smtp_host": "127.0.0.1", "smtp_port": mail.port,
            "smtp_safety": "none", "name": FIRM, "believe": "everybody",
        }  # fmt: skip
        number = {"transport": "http", "url": sms.url, "username": "delmas"}
        accounts = {
            "email": ("atelier-mail", SHOP, mailbox, {}),
            "sms": ("atelier-sms", NUMBER, number, {"token": {"value": TOKEN}, "password": {"value": "p"}}),
        }
        before = (await floor.api.get("/configuration")).text
        for channel, (key, address, settings, secrets) in accounts.items():
            body = {"channel": channel, "key": key, "firm": FIRM, "name": "", "address": address, "settings": settings}
            await floor.call(
                "PUT", f"/settings/channel/{channel} {key}", json=body | {"secrets": secrets, "per_second": None}
            )
        points = [
            f"  - {{channel: {channel}, address: '{address}', firm: {FIRM}, name: {key}, workflow: Delmas chats, "
            "task_channel: chat, language: fr}"
            for channel, (key, address, _, _) in accounts.items()
        ]
        await floor.call("POST", "/configuration", content="entry_points:\n" + "\n".join(points))
        await _listens(listen)
        yield Outside(floor, mail, sms, listen, *WHO[locale])
        await floor.call("POST", "/configuration", content=before, params={"prune": True})


async def _one_person(floor: Floor, kept: str, other: str) -> None:
    """The conversations' two customers are one: as is found out on the way."""
    ids = [(await floor.call("GET", f"/conversations/{one}"))["customer"]["id"] for one in (kept, other)]
    await floor.call("POST", f"/customers/{ids[0]}/merge", json={"other_id": ids[1]})


@BOTH
async def test_a_letter_is_answered_and_goes_on_by_sms(
    room: Room, floor: Floor, outside: Outside, locale: str, set_language: Put
) -> None:
    sweep, subject = Sweep(locale), f"Ma Vela 3 {locale}"
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["channels"]
    try:
        await camille.start()
        await outside.writes(subject)
        await camille.take(outside.name)
        await camille.opens(outside.name)
        letter = camille.log.locator("[data-message]").filter(has_text=subject)
        frame = letter.frame_locator("iframe")
        await expect(frame.locator("b")).to_have_text("Vela 3")
        await expect(frame.locator("img")).not_to_have_attribute("src", "https://track.invalid/1.gif")
        assert await page.title() != "taken"
        await letter.get_by_role("button", name=t["letter"]["unfold"]).click()
        await expect(letter.locator("blockquote")).to_contain_text("arrivée ce matin")
        await letter.get_by_role("button", name=t["letter"]["pictures"]).click()
        await expect(frame.locator("img")).to_have_attribute("src", "https://track.invalid/1.gif")
        first = camille.conversation_id
        await expect(page.get_by_role("textbox", name=t["subject"])).to_have_value(f"Re: {subject}")
        await sweep.look(page, "letter")
        await sweep.squeeze(page, "letter")
        await _answer_by_mail(camille, outside, subject, sweep)
        await _send_on(camille, outside, sweep)
        await outside.texts(f"Je préfère par SMS {locale}")
        await camille.take(outside.number)
        await camille.opens(outside.number)
        await expect(camille.log).to_contain_text("Je préfère par SMS")
        await _one_person(floor, first, camille.conversation_id)
        await camille.row(subject).or_(camille.row("Oui, dès")).first.click()
        await _go_on_by_sms(camille, outside, sweep)
        full = await floor.call("GET", f"/conversations/{first}")
        assert (full["channel"], full["assigned"]["name"]) == ("sms", "Camille Moreau")
        assert [leg["channel"] for leg in full["legs"]] == ["email", "sms"]
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def _answer_by_mail(camille: Desk, outside: Outside, subject: str, sweep: Sweep) -> None:
    """Sent, taken back in time, sent again; it leaves ten seconds later as an answer to the customer's mail."""
    page, t = camille.page, camille.t["channels"]
    copy = page.get_by_role("textbox", name=t["cc"], exact=True)
    await page.get_by_role("button", name=f"{t['cc']} {t['bcc']}").press("Enter")
    await expect(copy).to_be_focused()
    await page.keyboard.type("ami@client.example")
    await camille.composer.fill("Oui, dès vendredi.")
    await page.keyboard.press("Control+Enter")
    await expect(camille.log).to_contain_text(t["held"])
    await expect(copy).to_have_count(0)
    await expect(camille.composer).to_be_focused()
    await page.keyboard.type("Bonne journée")
    await page.get_by_role("button", name=camille.t["act"]["undo"]).click()
    await expect(camille.composer).to_have_text("Oui, dès vendredi.\n\nBonne journée", use_inner_text=True)
    await expect(camille.composer).to_be_focused()
    await expect(copy).to_have_value("ami@client.example")
    assert outside.mail.mails == []
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Oui, dès ")
    await page.keyboard.press("Control+b")
    await page.keyboard.type("vendredi midi ")
    await page.get_by_role("button", name=camille.t["mail"]["signs"]["name"]).press("Enter")
    await expect(page.get_by_role("textbox", name=camille.t["mail"]["signs"]["search"])).to_be_focused()
    await page.keyboard.type({"fr": "voiture", "en": "automobile"}[sweep.locale])
    await expect(
        page.get_by_role("button", name={"fr": "voiture", "en": "automobile"}[sweep.locale], exact=True)
    ).to_be_visible()
    await sweep.look(page, "emoji")
    await page.keyboard.press("Enter")
    await expect(camille.composer).to_have_text("Oui, dès vendredi midi 🚗")
    await expect(camille.composer).to_be_focused()
    await sweep.look(page, "letter-written")
    await sweep.squeeze(page, "letter-written")
    await page.keyboard.press("Control+Enter")
    await asyncio.wait_for(outside.mail.came.wait(), 30)
    (mail,) = outside.mail.messages()
    assert mail["Cc"] == "ami@client.example"
    assert mail["In-Reply-To"] == f"<{subject.replace(' ', '-')}@client.example>"
    forms = [part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart()]
    assert forms == ["Oui, dès vendredi midi 🚗\r\n", "<p>Oui, dès <strong>vendredi midi 🚗</strong></p>\r\n"]
    said = camille.log.locator("[data-letter]").last.frame_locator("iframe")
    await expect(said.locator("strong")).to_have_text("vendredi midi 🚗")
    await expect(camille.log.locator("[data-delivery=sent]")).to_contain_text(t["delivery"]["sent"])


async def _send_on(camille: Desk, outside: Outside, sweep: Sweep) -> None:
    """To a garage that knows neither of them: a mail with what was said, which the customer's conversation notes."""
    page, t, outside.mail.came = camille.page, camille.t["mail"]["forward"], asyncio.Event()
    await page.get_by_role("button", name=t["title"]).press("Enter")
    await page.keyboard.type("garage@pieces.example")
    await page.get_by_role("region", name=t["title"]).get_by_role("textbox").last.fill("Avez-vous cette pièce ?")
    await sweep.look(page, "forward")
    await page.keyboard.press("Control+Enter")
    await asyncio.wait_for(outside.mail.came.wait(), 30)
    envelope, raw = outside.mail.mails[-1]
    assert envelope.rcpt_tos == ["garage@pieces.example"]
    words = message_from_bytes(raw).get_payload(decode=True)
    assert b"Ma Vela 3 sera-t-elle" in words
    assert b"vendredi midi" in words


async def _go_on_by_sms(camille: Desk, outside: Outside, sweep: Sweep) -> None:
    """Another channel, the same conversation: counted in parts, refused once, sent again, told as arrived."""
    page, t = camille.page, camille.t["channels"]
    await page.get_by_role("button", name=t["another"]).click()
    await sweep.look(page, "ways")
    await page.get_by_role("menuitem").filter(has_text="SMS").click()
    await expect(camille.composer).to_be_focused()
    await page.keyboard.type("Bonjour, " + "x" * 160)
    await expect(page.get_by_text(t["parts_other"].replace("{{count}}", "2").partition(",")[0])).to_be_visible()
    await page.get_by_role("button", name=t["chatLink"]).press("Enter")
    await expect(camille.composer).to_have_value(re.compile(r"x{150} http\S+/join/(\w{5}-){3}\w{5}$"))
    await expect(camille.composer).to_be_focused()
    await sweep.look(page, "sms")
    await sweep.squeeze(page, "sms")
    await camille.composer.fill("À vendredi !")
    outside.sms.refuses = True
    await page.keyboard.press("Control+Enter")
    failed = camille.log.locator("[data-delivery=failed]")
    await expect(failed).to_contain_text(t["delivery"]["failed"])
    await expect(failed).to_contain_text(t["fault"]["refused-by-provider"])
    await sweep.look(page, "not-delivered")
    outside.sms.refuses = False
    await failed.get_by_role("button", name=t["delivery"]["again"]).press("Enter")
    await asyncio.wait_for(outside.sms.came.wait(), 30)
    assert outside.sms.texts == ["À vendredi !"]
    await expect(camille.log.locator("[data-delivery=sent]").last).to_be_visible()
    await outside.arrived()
    await expect(camille.log.locator("[data-delivery=delivered]")).to_contain_text(t["delivery"]["delivered"])
