"""A real Kannel: between our gateway adapter and an SMPP centre. Tests that need it are skipped, saying why, where it is not."""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parlons.testing.processes import free_port

MISSING = not (shutil.which("bearerbox") and shutil.which("smsbox"))
needed = pytest.mark.skipif(MISSING, reason="Debian package kannel is missing: apt-get install kannel")


@dataclass
class Kannel:
    """A running gateway."""

    url: str
    folder: Path

    async def awaits_report(self, message_id: str) -> None:
        """Once it has noted under which id the centre took a message: a report that comes earlier is dropped by Kannel, and
        the centre's answer and its report leave by two tasks in no order."""
        noted = re.compile(rf"Adding DLR smsc=lab, ts={message_id},")
        async with asyncio.timeout(60):
            while not noted.search((self.folder / "bearerbox.log").read_text(errors="replace")):  # noqa: ASYNC110 - its log is all that tells
                await asyncio.sleep(0.02)


def configuration(folder: Path, ports: list[int], smsc: int, hook: str) -> str:
    """Both boxes in one file. What a customer writes is posted to `hook`; nothing is answered by the gateway itself."""
    admin, boxes, sendsms = ports
    return f"""
group = core
admin-port = {admin}
admin-password = adm
smsbox-port = {boxes}
admin-interface = 127.0.0.1
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = smpp
smsc-id = lab
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = x
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = shop
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
accept-x-kannel-headers = false
max-messages = 0
post-url = "{hook}"
"""


def written(folder: Path, text: str) -> Path:
    """The configuration's file."""
    file = folder / "kannel.conf"
    file.write_text(text)
    return file


@contextlib.asynccontextmanager
async def kannel(folder: Path, smsc: int, hook: str) -> AsyncIterator[Kannel]:
    """Bearerbox and smsbox, bound to a centre; ready when both listen."""
    ports = [free_port(), free_port(), free_port()]
    file = written(folder, configuration(folder, ports, smsc, hook))
    running = []
    try:
        for box, port in (("bearerbox", ports[1]), ("smsbox", ports[2])):
            running.append(
                await asyncio.create_subprocess_exec(
                    box, str(file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
                )
            )
            await listening(port)
        yield Kannel(f"http://127.0.0.1:{ports[2]}/cgi-bin/sendsms", folder)
    finally:
        for process in reversed(running):
            if process.returncode is None:
                process.kill()
            await process.wait()


async def listening(port: int) -> None:
    """Once somebody listens there."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return
