"""A stand-in for the mail host of many people: takes what is sent to them by SMTP, sends what they write by SMTP.

People answer as mail programs do: with references, the subject with Re:, and the mail they answer quoted below. Source: RFC
5321, RFC 5322 3.6.4.
"""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from parlons.simulator.providers.wire import Heard

DOMAIN = "people.example"
AGAIN_SECONDS = 1.0


class MailHost:
    """The host. `listen`: port of this machine where the firm takes mail."""

    def __init__(self, listen: int) -> None:
        self.heard = Heard()
        """People by mail address."""
        self._listen = listen
        self._last: dict[str, EmailMessage] = {}

    @contextlib.asynccontextmanager
    async def served(self, port: int) -> AsyncIterator[None]:
        """Takes mail on a port of this machine."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname=DOMAIN, loop=loop, timeout=60), "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()

    async def says(self, person: str, name: str, to: str, subject: str, text: str) -> None:
        """A person writes, or answers the last mail he got; returns when the firm has taken it."""
        mail, before = EmailMessage(), self._last.get(person)
        mail["From"], mail["To"] = formataddr((name, person)), to
        mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain=DOMAIN)
        if before is None:
            mail["Subject"] = subject
        else:
            mail["Subject"] = f"Re: {str(before['Subject']).removeprefix('Re: ')}"
            mail["In-Reply-To"] = before["Message-ID"]
            mail["References"] = f"{before.get('References', '')} {before['Message-ID']}".strip()
            body = before.get_body(("plain",))
            quoted = "".join(f"> {line}\n" for line in (body.get_content() if body else "").splitlines())
            text = f"{text}\n\nOn {before['Date']}, {before['From']} wrote:\n{quoted}"
        mail.set_content(text)
        while True:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await aiosmtplib.send(mail, hostname="127.0.0.1", port=self._listen, timeout=10, start_tls=False)
                return
            await asyncio.sleep(AGAIN_SECONDS)

    def forget(self, person: str) -> None:
        """He writes no more."""
        self._last.pop(person, None)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook; the name is the library's."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        mail = email.message_from_bytes(content, policy=email.policy.default)
        for person in envelope.rcpt_tos:
            self._last[person] = mail
            self.heard.note(person)
        return "250 2.0.0 Taken"
