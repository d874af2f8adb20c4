"""baresip (Debian: baresip-core) as a desk phone without sound card: a configuration folder, a process, commands to it."""

import asyncio
import contextlib
import json
import math
import shutil
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlons.testing.processes import free_port

needs_baresip = pytest.mark.skipif(not shutil.which("baresip"), reason="baresip is missing (Debian: baresip-core)")

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:0
audio_source aufile,{folder}/tone.wav
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 8000
auplay_srate 8000
rtp_timeout 0
ctrl_tcp_listen 127.0.0.1:{control}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
"""
ACCOUNT = "<sip:{username}@127.0.0.1:{port};transport={transport}>;auth_pass={password};answermode={answer};regint=60\n"


class Baresip:
    """A running phone."""

    def __init__(self, process: asyncio.subprocess.Process, control: int) -> None:
        self.process, self._control = process, control

    async def says(self, text: str) -> None:
        """Waits until it prints a line with `text` in it."""
        assert self.process.stdout
        async with asyncio.timeout(60):
            while text not in (await self.process.stdout.readline()).decode(errors="replace"):
                assert not self.process.stdout.at_eof()

    async def command(self, name: str, argument: str = "") -> None:
        """Says something to it, such as `dial`, `hangup`, `hold`, `transfer`."""
        _, writer = await asyncio.open_connection("127.0.0.1", self._control)
        text = json.dumps({"command": name, "params": argument, "token": "t"})
        writer.write(f"{len(text)}:{text},".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def configure(folder: Path, account: str) -> int:
    """Writes the configuration folder, with ten seconds of 440 Hz to say; the port for commands."""
    folder.mkdir(parents=True, exist_ok=True)
    control = free_port()
    modules = next((str(path) for path in Path("/usr/lib").glob("**/baresip/modules")), "/usr/lib/baresip/modules")
    (folder / "config").write_text(CONFIG.format(control=control, modules=modules, folder=folder))
    (folder / "accounts").write_text(account)
    tone = b"".join(
        int(8000 * math.sin(2 * math.pi * 440 * n / 8000)).to_bytes(2, "little", signed=True) for n in range(80_000)
    )
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(tone)
    return control


@contextlib.asynccontextmanager
async def phone(
    folder: Path, port: int, username: str, password: str, *, transport: str = "udp", answer: str = "auto"
) -> AsyncIterator[Baresip]:
    """A phone registered at 127.0.0.1:`port`; unregisters at the end."""
    account = ACCOUNT.format(username=username, password=password, port=port, transport=transport, answer=answer)
    control = configure(folder, account)
    process = await asyncio.create_subprocess_exec(
        "baresip",
        "-f",
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Baresip(process, control)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), 5)
        except TimeoutError:
            process.kill()
            await process.communicate()
