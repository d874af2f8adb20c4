"""Mail passes the contract of channels: in by direct SMTP, out to a real SMTP server."""

import asyncio
import email.policy
import smtplib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any, Literal

import pytest

from parlons.channels.email.channel import Email, open_channel
from parlons.channels.email.settings import Settings
from parlons.channels.model import Account, Event, HookRequest
from parlons.channels.plugin import Channel, Tools
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp
from parlons.testing.channel_scene import Can, Got, Trouble, Written
from parlons.testing.channel_suite import CASES, run
from tests.channels.email.office import SHOP, account, report
from tests.channels.email.servers import Sink, sink

LISTEN = "127.0.0.1:0"


@dataclass
class Tray:
    """`plugin.Inbox` that keeps what it is given."""

    events: list[Event] = field(default_factory=list)

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        self.events += events

    async def position(self) -> dict[str, Any]:
        return {}

    def connected(self, *, problem: str | None = None) -> None:
        assert problem is None


@dataclass
class MailScene:
    """The far end: the customer's mail program, and the server that takes our answers."""

    channel: Channel
    account: Account
    there: Sink
    tray: Tray
    port: int
    can: Can = field(
        default_factory=lambda: Can(frozenset({"busy", "refuses", "breaks", "away"}), receipts=True, files_in=True)
    )
    serial: int = 0

    async def request(self, written: Written) -> HookRequest | None:
        return None

    async def writes(self, written: Written) -> Sequence[Event]:
        self.serial += 1
        mail = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=900))
        mail["From"], mail["To"] = await self.address_of(written.who), SHOP
        mail["Message-ID"] = f"<{written.id or f'm{self.serial}'}@client.example>"
        if written.answers:
            mail["In-Reply-To"] = f"<{written.answers}>"
        mail.set_content(written.text)
        for name, kind, body in written.files:
            mail.add_attachment(body, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=name)
        return await self._comes(mail.as_bytes())

    async def address_of(self, who: str) -> str:
        return f"{who}@client.example"

    async def got(self) -> list[Got]:
        found = []
        for envelope, raw in self.there.mails:
            mail = message_from_bytes(raw, policy=email.policy.default)
            body = mail.get_body(("plain",))
            names = tuple(str(part.get_filename()) for part in mail.iter_attachments())
            found.append(
                Got(envelope.rcpt_tos[0], str(body.get_content()) if body else "", names, str(mail["Message-ID"]))
            )
        return found

    async def trouble(self, kind: Trouble | None) -> None:
        self.there.answers = {"busy": {"rcpt": ["450 4.3.2 busy"]}, "refuses": {"rcpt": ["550 5.1.1 no"]}}.get(
            kind or "", {}
        )
        self.there.cut_after_data = kind == "breaks"
        object.__setattr__(self.account, "settings", _settings(9 if kind == "away" else self.there.port))

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        status = "Action: failed\nStatus: 5.1.1" if state == "failed" else "Action: delivered\nStatus: 2.0.0"
        return await self._comes(report(f"Message-ID: <{provider_id}>\r\n\r\n".encode(), status))

    async def _comes(self, raw: bytes) -> Sequence[Event]:
        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
                client.sendmail("claire@client.example", [SHOP], raw)

        before = len(self.tray.events)
        await asyncio.to_thread(send)
        return self.tray.events[before:]


def _settings(port: int) -> Settings:
    return Settings(receive="smtp", listen=LISTEN, smtp_host="127.0.0.1", smtp_port=port, smtp_safety="none")


@pytest.fixture
async def scene() -> AsyncIterator[MailScene]:
    async with sink() as there, SafeHttp() as http:
        channel: Email = open_channel(Tools(http, wall_clock))
        plain = account()
        box = Account(plain.id, "T", "W", "F", "email", "shop", SHOP, _settings(there.port), {"password": "secret"})
        tray = Tray()
        running = asyncio.create_task(channel.run(box, tray))
        try:
            async with asyncio.timeout(60):
                while (port := channel.listeners.port(LISTEN)) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            yield MailScene(channel, box, there, tray, port)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("case", CASES)
async def test_mail_keeps_the_contract(case: str, scene: MailScene) -> None:
    if not await run(case, scene):
        pytest.skip("mail has no hooks, and no idempotency keys")
