"""A real dovecot with its mailboxes, and a real SMTP server that takes our answers; both on ports nobody else has."""

import asyncio
import contextlib
import os
import shutil
import signal
import smtplib
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from imap_tools import MailBoxUnencrypted

from parlons.testing.processes import free_port

DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)
PASSWORD = "secret"
CONFIGURATION = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_location = maildir:{place}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={place}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class Dovecot:
    """A running mail store."""

    place: Path
    imap: int
    lmtp: int

    def deliver(self, raw: bytes, *, to: str = "shop", sender: str = "client@exemple.fr") -> None:
        """A mail arrives, as from a mail server."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            client.sendmail(sender, [to], raw)

    def lay(self, raws: list[bytes], *, to: str = "shop") -> None:
        """Mails that are there before anybody looks: laid into the folder, as a mail store keeps them."""
        new = self.place / "mail" / to / "new"
        for folder in ("new", "cur", "tmp"):
            (new.parent / folder).mkdir(parents=True, exist_ok=True)
        for number, raw in enumerate(raws):
            (new / f"{1_700_000_000 + number}.M{number}.test").write_bytes(raw)
        subprocess.run(["chown", "-R", "nobody:nogroup", str(new.parent)], check=True)

    def number_anew(self, user: str, validity: int) -> None:
        """The store was rebuilt: other UIDs, and another UIDVALIDITY to say so."""
        folder = self.place / "mail" / user
        for index in folder.glob("dovecot*"):
            index.unlink()
        (folder / "dovecot-uidlist").write_text(f"3 V{validity} N1 G00000000000000000000000000000001\n")
        shutil.chown(folder / "dovecot-uidlist", "nobody", "nogroup")

    def drop_connections(self) -> None:
        """Ends what serves the mailboxes now; the server itself goes on."""
        master = (self.place / "run" / "master.pid").read_text().strip()
        found = subprocess.run(["pgrep", "-P", master, "-x", "imap"], capture_output=True, text=True, check=False)
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGKILL)

    @contextlib.contextmanager
    def box(self, user: str = "shop") -> Iterator[MailBoxUnencrypted]:
        """Another mail program on the same mailbox."""
        with MailBoxUnencrypted("127.0.0.1", self.imap).login(user, PASSWORD) as box:
            yield box

    async def seen(self, user: str, many: int) -> bool:
        """Waits until so many mails of a mailbox are marked as read."""

        def count() -> int:
            with self.box(user) as box:
                return sum("\\Seen" in one.flags for one in box.fetch(mark_seen=False, headers_only=True))

        async with asyncio.timeout(60):
            while await asyncio.to_thread(count) < many:  # noqa: ASYNC110 - another program's mailbox
                await asyncio.sleep(0.05)
        return True


@contextlib.contextmanager
def dovecot(place: Path) -> Iterator[Dovecot]:
    """Dovecot, as root, with mail kept as nobody."""
    assert DOVECOT is not None
    place.chmod(0o755)
    for parent in place.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    (place / "mail").mkdir()
    shutil.chown(place / "mail", "nobody", "nogroup")
    ports = [free_port(), free_port()]
    text = CONFIGURATION.format(
        place=place, user="nobody", group="nogroup", password=PASSWORD, imap=ports[0], lmtp=ports[1]
    )
    (place / "conf").write_text(text)
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(place / "conf")])
    try:
        _until(lambda: _answers(ports[0]) and _answers(ports[1]), place / "log")
        yield Dovecot(place, *ports)
    finally:
        process.terminate()
        process.wait(timeout=60)


@dataclass
class Sink:
    """A mail server that keeps what it is given; `answers` refuse what is coming: by step, in turn."""

    port: int = 0
    mails: list[tuple[Envelope, bytes]] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    cut_after_data: bool = False
    came: asyncio.Event = field(default_factory=asyncio.Event)
    user: str | None = None
    password: str = PASSWORD

    def messages(self) -> list[Message]:
        return [message_from_bytes(raw) for _, raw in self.mails]

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.user = data.login.decode()
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.answers.get("rcpt"):
            answer = self.answers["rcpt"].pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers.get("data"):
            return self.answers["data"].pop(0)
        assert isinstance(envelope.original_content, bytes)
        self.mails.append((envelope, envelope.original_content))
        self.came.set()
        if self.cut_after_data:
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


@contextlib.asynccontextmanager
async def sink(**more: Any) -> AsyncIterator[Sink]:
    """A server that takes answers."""
    there = Sink()

    def protocol() -> SMTP:
        return SMTP(there, auth_require_tls=False, authenticator=there.authenticate, enable_SMTPUTF8=True,
                    loop=asyncio.get_running_loop(), **more)  # fmt: skip

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    try:
        yield there
    finally:
        server.close()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as one:
            return bool(one.recv(10))
    except OSError:
        return False


def _until(done: Callable[[], bool], log: Path) -> None:
    import time

    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, log.read_text() if log.exists() else "dovecot says nothing"
        time.sleep(0.05)
