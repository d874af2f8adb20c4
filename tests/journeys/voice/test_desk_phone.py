"""A desk phone that is configured by our own page and nothing else registers and takes a call from a queue.

Its sound is looked for where the call is heard for good: in the customer's ear, and in the recording, channel by channel.
"""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import expect

from parlons.testing.fake_sound import RATE, tone, write_wav
from tests.journeys.floor import Floor
from tests.journeys.people import ROOT, Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import DAN, DAN_PHONE, NUMBER, House, at_work
from tests.journeys.voice.recordings import loudness_by_channel, recording_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not shutil.which("baresip"), reason="baresip is missing (Debian: baresip-core)"),
]
PAGE = (ROOT / "docs/how-to/desk-phone.md").read_text()
PHONE_SAYS, CUSTOMER_SAYS = 440.0, 1000.0


def of_the_page(name: str) -> str:
    """A file as the page has it."""
    found = re.search(rf"<!-- test: file baresip/{name} -->\n```\n(.*?)```", PAGE, re.S)
    assert found, f"the page has no {name}"
    return found.group(1)


def configure(folder: Path, port: int) -> None:
    """The page's two files, with this house's address and this agent's name and secret; and something to say."""
    account = of_the_page("accounts").replace("127.0.0.1:5060", f"127.0.0.1:{port}")
    account = account.replace("a-long-word-for-paul", DAN_PHONE).replace("paul", "dan")
    folder.mkdir()
    (folder / "accounts").write_text(account)
    modules = next(str(path) for path in Path("/usr/lib").glob("**/baresip/modules"))
    (folder / "config").write_text(re.sub("(?m)^module_path .*", f"module_path {modules}", of_the_page("config")))
    write_wav(folder / "tone.wav", np.tile(tone((PHONE_SAYS,), 1000), 60), RATE)


@contextlib.asynccontextmanager
async def desk_phone(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """baresip on that folder, registered."""
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(60):
            while "200 OK" not in said:
                line = await process.stdout.readline()
                assert line, f"baresip ended; it said:\n{said}"
                said += line.decode(errors="replace")
        draining = asyncio.create_task(process.stdout.read())
        yield process
        draining.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_a_phone_configured_by_our_page_takes_a_call(
    house: House, room: Room, street: Street, floor: Floor, tmp_path: Path
) -> None:
    dan = await at_work(room, DAN)
    configure(tmp_path / "baresip", house.sip_port)
    async with desk_phone(tmp_path / "baresip"):
        await floor.until("/voice/status", lambda status: "dan" in status["phones"])
        customer = await street.person("+33612345606", voice=CUSTOMER_SAYS)
        assert await customer.rings(NUMBER) == 200
        await customer.hears(PHONE_SAYS)
        bar = dan.page.get_by_role("region", name=re.compile(re.escape("+33 6 12 34 56 06")))
        await expect(bar).to_contain_text(dan.t["call"]["otherDevice"])
        live = await floor.call("GET", "/calls?state=live")
        assert [party["kind"] for party in live["items"][0]["parties"]] == ["customer", "agent"]
        await customer.listens(1000)
        customer.hangs_up()
        sound = await recording_of(floor, live["items"][0]["id"])
    left, right = loudness_by_channel(sound, CUSTOMER_SAYS), loudness_by_channel(sound, PHONE_SAYS)
    assert left[0] > 10 * left[1]
    assert right[1] > 10 * right[0]
