"""Mail as a channel: mailboxes read by IMAP or reached by SMTP, answers sent by SMTP. Wires; what decides is beside it."""

import asyncio
from typing import ClassVar

from pydantic import BaseModel

from parlons.channels.email import building, smtp_out
from parlons.channels.email.following import follow
from parlons.channels.email.identities import settings_of
from parlons.channels.email.oauth import Access
from parlons.channels.email.settings import Settings
from parlons.channels.email.smtp_in import Listeners
from parlons.channels.model import ALL_MEDIA, Account, Capabilities, Outgoing, Sent
from parlons.channels.plugin import Inbox, InvalidAccount, Secret, Tools
from parlons.customers.model import EMAIL, InvalidAddress, normal

NAME = "email"
CAPABILITIES = Capabilities(
    rich=True, subject=True, copies=True, media=ALL_MEDIA, media_bytes=10 * 1024 * 1024, files=10, starts=True
)


class NoServer(Exception):
    """The mailbox has no IMAP server to read from."""

    code = "no-imap-server"


class Email:
    """The channel, once a process."""

    name: ClassVar[str] = NAME
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = (
        Secret("password", required=False),
        Secret("smtp-password", required=False),
        Secret("refresh-token", required=False),
        Secret("client-secret", required=False),
        Secret("dkim-key", required=False),
    )

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._access = Access(tools)
        self.listeners = Listeners()

    def address(self, text: str) -> str:
        """A mail address in small letters."""
        try:
            return normal(EMAIL, text)
        except InvalidAddress as refusal:
            raise InvalidAccount("This is no mail address.", field="address") from refusal

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every mailbox."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Mail addresses, except the mailbox's own."""
        return value if kind == EMAIL and value != account.address else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """Over the account's SMTP server."""
        recipients = building.recipients(message)
        raw = building.build(account, message, now=self._tools.clock())
        await smtp_out.hand_over(account, self._access, building.written(account.address), recipients, raw)
        return Sent((building.mail_id(account, message),))

    async def run(self, account: Account, inbox: Inbox) -> None:
        """Receive by whatever the account is set to."""
        settings = settings_of(account)
        if settings.receive == "smtp":
            await self.listeners.serve(account, inbox)
        elif settings.receive == "imap":
            if not settings.imap_host:
                raise NoServer
            await follow(account, inbox, self._access, self._tools.clock)
        else:
            inbox.connected()
            await _for_ever()


async def _for_ever() -> None:
    await asyncio.Event().wait()


def open_channel(tools: Tools) -> Email:
    """For the registry."""
    return Email(tools)
