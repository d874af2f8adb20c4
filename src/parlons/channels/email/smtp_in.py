"""Mail handed to this server by SMTP: taken when it is durable, refused when nobody here is meant.

One listener an address, however many mailboxes share it; open as long as one of them does. Decides by the recipient whose a
mail is; a mail to several mailboxes is taken for each. No relay: an unknown recipient is refused at once. Meant for a mail
server before it, or a trusted network: nobody logs in. Source: RFC 5321.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from parlons.channels.email import incoming
from parlons.channels.email.identities import identities, plain, settings_of
from parlons.channels.model import Account
from parlons.channels.plugin import Inbox
from parlons.kit.errors import Unavailable
from parlons.runtime.log import log

AT_ONCE = 40
"""Connections of one listener."""
RECIPIENTS = 100


class PortTaken(OSError):
    """The address for direct SMTP cannot be opened: another program has it, or it is not this machine's."""

    code = "port-taken"


@dataclass(slots=True)
class Listener:
    """One open port and the mailboxes behind it."""

    address: str
    boxes: dict[str, tuple[Account, Inbox]] = field(default_factory=dict)
    server: asyncio.Server | None = None
    connections: int = 0

    def of(self, recipient: str) -> tuple[Account, Inbox] | None:
        """Whose an address is."""
        wanted = plain(recipient)
        for account, inbox in self.boxes.values():
            if any(one.address == wanted for one in identities(account)):
                return account, inbox
        return None

    @property
    def largest(self) -> int:
        """Bytes of a mail that some mailbox here takes."""
        return max((settings_of(account).largest_mb for account, _ in self.boxes.values()), default=1) * 1_000_000


class Listeners:
    """The listeners of a process."""

    def __init__(self) -> None:
        self._open: dict[str, Listener] = {}
        self._turn = asyncio.Lock()

    async def serve(self, account: Account, inbox: Inbox) -> None:
        """Take mail for `account` until cancelled. Raises PortTaken."""
        address = settings_of(account).listen
        listener = await self._join(address, account, inbox)
        try:
            inbox.connected()
            await asyncio.Event().wait()
        finally:
            await self._leave(listener, account)

    def port(self, address: str) -> int | None:
        """The port a listener on port 0 was given: for tests."""
        listener = self._open.get(address)
        return None if listener is None or listener.server is None else listener.server.sockets[0].getsockname()[1]

    async def _join(self, address: str, account: Account, inbox: Inbox) -> Listener:
        async with self._turn:
            listener = self._open.setdefault(address, Listener(address))
            listener.boxes[account.id] = (account, inbox)
            if listener.server is None:
                host, _, port = address.rpartition(":")
                try:
                    listener.server = await asyncio.get_running_loop().create_server(
                        lambda: _protocol(listener), host.strip("[]"), int(port)
                    )
                except OSError as error:
                    del listener.boxes[account.id]
                    raise PortTaken(error.errno, "port taken") from error
            return listener

    async def _leave(self, listener: Listener, account: Account) -> None:
        async with self._turn:
            listener.boxes.pop(account.id, None)
            if not listener.boxes and listener.server is not None:
                listener.server.close()
                self._open.pop(listener.address, None)


def _protocol(listener: Listener) -> SMTP:
    return SMTP(
        _Handler(listener),
        data_size_limit=listener.largest,
        enable_SMTPUTF8=True,
        hostname="parlons",
        ident="Parlons",
        timeout=120,
        loop=asyncio.get_running_loop(),
    )


class _Handler:
    """aiosmtpd's hooks; their names are the library's."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._listener.of(address) is None:
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content: Any = envelope.original_content or envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode("utf-8", "surrogateescape")
        meant = {found[0].id: found for one in envelope.rcpt_tos if (found := self._listener.of(one)) is not None}
        try:
            for account, inbox in meant.values():
                await inbox.take(await asyncio.to_thread(incoming.read, account, raw))
        except Unavailable:
            return "451 4.3.0 Try again later"
        except Exception:
            log.exception("mail.not_taken")
            return "451 4.3.0 Try again later"
        return "250 2.0.0 Taken"

    async def handle_exception(self, error: Exception) -> str:
        with contextlib.suppress(Exception):
            log.warning("mail.smtp", error=type(error).__name__)
        return "451 4.3.0 Try again later"
