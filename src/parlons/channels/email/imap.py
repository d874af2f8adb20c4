"""One mailbox on an IMAP server, spoken to from a thread: log in, what is new, what waits, one mail, wait for more.

Blocks; `following` calls it from a thread of its own. Decides nothing about what a mail says. A mail is read without being
marked as read; what becomes of it afterwards is a step of its own, once it is durable. Sources: RFC 3501, RFC 2177 (IDLE),
RFC 7628 (OAuth); imap-tools for the log-in, folders' names and IDLE, its connection underneath for bytes as they are.
"""

import contextlib
import imaplib
import re
import select
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from parlons.channels.email.settings import Settings

SECONDS = 30
"""For one answer of the server."""
WAIT = 240
"""Seconds of one IDLE: less than routers forget a quiet connection in."""
POLL = 20
"""Seconds between two looks at a server without IDLE."""
NEWS = "EXISTS"
"""The server's word for a mail that came."""
Troubles = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, ssl.SSLError)


class LoginRefused(Exception):
    """The server does not take the user name and password, or the access token."""

    code = "login-refused"


class NoFolder(Exception):
    """The mailbox has no such folder."""

    code = "no-such-folder"


@dataclass(frozen=True, slots=True)
class Folder:
    """How the folder stands."""

    validity: int
    """UIDs mean the same as long as this number does."""
    next_uid: int


class Imap:
    """A logged-in connection with its folder open."""

    def __init__(self, settings: Settings, user: str, password: str, token: str | None) -> None:
        self._settings = settings
        self._box = _connect(settings)
        self._client: Any = self._box.client
        try:
            if token is not None:
                self._box.xoauth2(user, token, initial_folder=None)
            else:
                self._box.login(user, password, initial_folder=None)
        except (ImapToolsError, imaplib.IMAP4.error) as error:
            self.close()
            raise LoginRefused from error
        self._idles = "IDLE" in self._client.capabilities
        self.folder = self._open()

    def _open(self) -> Folder:
        try:
            self._box.folder.set(self._settings.folder)
            status = self._box.folder.status(self._settings.folder, ["UIDVALIDITY", "UIDNEXT"])
        except (ImapToolsError, imaplib.IMAP4.error) as error:
            self.close()
            raise NoFolder from error
        return Folder(int(status["UIDVALIDITY"]), int(status["UIDNEXT"]))

    def uids(self, criteria: str, *, above: int, until: int | None = None) -> list[int]:
        """UIDs above `above` (and up to `until`) that fit IMAP search `criteria`, rising."""
        last = "*" if until is None else str(until)
        if until is None:
            self._client.untagged_responses.pop(NEWS, None)  # told before: the search has it
        _, data = self._ok(self._client.uid("SEARCH", None, f"UID {above + 1}:{last} {criteria}"))
        found = sorted(int(one) for line in data if line for one in line.split())
        # `n:*` always holds the last mail, also one below n (RFC 3501, 6.4.8).
        return [uid for uid in found if uid > above and (until is None or uid <= until)]

    def mail(self, uid: int, largest: int) -> tuple[bytes, int] | None:
        """The bytes of a mail and its size; only its headers when it is larger than `largest`; None: it is gone."""
        _, data = self._ok(self._client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        size = _size(data)
        if size is None:
            return None
        what = "BODY.PEEK[HEADER]" if size > largest else "BODY.PEEK[]"
        _, data = self._ok(self._client.uid("FETCH", str(uid), f"({what})"))
        for item in data:
            if isinstance(item, tuple) and len(item) > 1 and isinstance(item[1], bytes):
                return item[1], size
        return None

    def settle(self, uids: list[int]) -> None:
        """Does with mails that were taken what the settings say."""
        if not uids or self._settings.after == "keep":
            return
        flag = "\\Deleted" if self._settings.after == "delete" else "\\Seen"
        numbers = ",".join(map(str, uids))
        self._ok(self._client.uid("STORE", numbers, "+FLAGS.SILENT", f"({flag})"))
        if self._settings.after == "delete":
            if "UIDPLUS" in self._client.capabilities:
                self._ok(self._client.uid("EXPUNGE", numbers))
            else:
                self._ok(self._client.expunge())

    def wait(self) -> None:
        """Until something may have come since the last look at all that is new; a server tells it once, with the answer to
        any command (RFC 3501, 7.3.1). Raises OSError when the connection is lost."""
        if NEWS in self._client.untagged_responses:
            return
        if self._idles:
            with self._box.idle as idle:
                if not self._has_read_ahead():
                    idle.poll(timeout=WAIT)
            return
        self._client.sock.settimeout(SECONDS)
        with contextlib.suppress(TimeoutError):
            _sleep_on(self._client.sock, POLL)
        self._ok(self._client.noop())

    def _has_read_ahead(self) -> bool:
        """Whether more than the server's consent to IDLE came with it: that is no longer seen at the socket."""
        self._client.sock.settimeout(0)
        try:
            return bool(self._client.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self._client.sock.settimeout(SECONDS)

    def cut(self) -> None:
        """Ends the connection from another thread: whoever waits on it wakes with an error."""
        with contextlib.suppress(OSError):
            self._client.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the connection."""
        with contextlib.suppress(*Troubles):
            self._client.shutdown()
        with contextlib.suppress(*Troubles):
            self._client.sock.close()

    def _ok(self, answer: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
        if answer[0] != "OK":
            raise imaplib.IMAP4.error("the server refuses")
        return answer


def _connect(settings: Settings) -> BaseMailBox:
    context = ssl.create_default_context()
    host, port = settings.imap_host, settings.imap_port
    match settings.imap_safety:
        case "tls":
            return MailBox(host, port, timeout=SECONDS, ssl_context=context)
        case "starttls":
            return MailBoxStartTls(host, port, timeout=SECONDS, ssl_context=context)
        case "none":
            return MailBoxUnencrypted(host, port, timeout=SECONDS)


def _size(data: list[Any]) -> int | None:
    for item in data:
        line = item[0] if isinstance(item, tuple) else item
        if isinstance(line, bytes) and (found := re.search(rb"RFC822\.SIZE (\d+)", line)):
            return int(found[1])
    return None


def _sleep_on(sock: socket.socket, seconds: float) -> None:
    """Waits, but no longer than the connection lives."""
    select.select([sock], [], [], seconds)
