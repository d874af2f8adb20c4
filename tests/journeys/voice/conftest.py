"""What the journeys of calls share: a whole server with its voice process, a Chromium with a microphone, people outside."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from parlons.testing.clocks import SharedClock
from parlons.testing.fake_sound import write_wav
from parlons.testing.processes import Running, data_folder, free_udp_port
from tests.journeys.conftest import ARGUMENTS, FAILED, chromium_path
from tests.journeys.floor import Floor
from tests.journeys.people import ROOT, Desk, Room
from tests.journeys.voice.callers import Street, carrier

NUMBER, MENU, TWINS, LINE = "+33155500000", "+33155500001", "+33155500002", "shop"
ADA, BEN, DAN, EVE, SUE = (f"{name}@north.example" for name in ("ada", "ben", "dan", "eve", "sue"))
MICROPHONE = 600.0
"""Hz of what the browser's microphone hears."""
DAN_PHONE = "a-long-word-for-dan"
BANK_WORD = "the word between a flow and the bank"
SITE = "the word between the shop's site and the house"
EAR = Path(__file__).with_name("ear.js")
CENTRE = (Path(__file__).parent / "centre.yaml").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium there is nobody at a desk."""
    if not Path(chromium_path()).exists():
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip("no Chromium: apt-get install chromium"))


@dataclass(slots=True)
class House:
    """A server with its voice process."""

    server: Running
    clock: SharedClock
    sip_port: int
    street: Street

    async def answers(self) -> None:
        """Waits until the server and its database answer again."""
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=self.server.url, trust_env=False) as api:
            while not (await api.get("/health/ready")).is_success:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def open_house(text: str = CENTRE) -> AsyncIterator[House]:
    """A house, configured."""
    port = free_udp_port()
    environ = {
        "PARLONS_SIP_PORT": str(port), "DAN_PHONE": DAN_PHONE, "NORTH_SITE": SITE, "PARLONS_TTS": "none", "PARLONS_LOG": "info",
        "PARLONS_HTTP_ALLOW": "127.0.0.0/8", "BANK_TOKEN": BANK_WORD,
    }  # fmt: skip
    async with carrier(("127.0.0.1", port)) as outside:
        with data_folder() as data:
            file = data.parent / "clock"
            clock = SharedClock(file)
            with Running(data, clock=file, environ=environ) as server:
                await configure(server, text.replace("CARRIER_PORT", str(outside.phone.port)))
                yield House(server, clock, port, Street(("127.0.0.1", port), outside))
            clock.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house() -> AsyncIterator[House]:
    """One house for all who do not break it."""
    async with open_house() as made:
        yield made


async def configure(server: Running, text: str) -> None:
    """Lays a configuration down."""
    headers = {"Authorization": f"Bearer {server.operator_key()}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60) as api:
        answer = await api.post("/api/v1/configuration", content=text.encode())
        assert answer.is_success, answer.text
        async with asyncio.timeout(60):  # until the voice process knows of it too: it is told after the commit
            while not all(trunk["up"] for trunk in (await api.get("/api/v1/voice/status")).json()["trunks"]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """A browser whose microphone hears a tone that comes and goes, as a voice does: a steady one is taken for noise."""
    file = tmp_path_factory.mktemp("microphone") / "tone.wav"
    at = np.arange(48_000 * 2) / 48_000
    said = (at % 0.5 < 0.35) * 9_000 * np.sin(2 * np.pi * MICROPHONE * at)
    write_wav(file, np.asarray(said, np.int16), 48_000)
    devices = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-gpu",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *devices])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def floor(house: House, request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    """The house with nobody at work and nothing waiting. After a failure what the server said stands beside the pictures."""
    made = Floor(house.server, house.clock)
    await made.learn()
    await made.clear()
    await made.until("/calls?state=live", lambda page: not page["items"])
    yield made
    if request.node.stash.get(FAILED, False):
        folder = ROOT / ".pytest_cache/journeys" / request.node.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "server.txt").write_text("\n".join(house.server.said))
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def street(house: House, floor: Floor) -> AsyncIterator[Street]:
    """People outside, gone after the test."""
    made = Street(house.street.server, house.street.carrier)
    yield made
    await made.leave()


async def at_work(room: Room, email: str, *, voice: float | None = None) -> Desk:
    """Somebody at the desk with a phone in the browser that is connected. `voice`: Hz, instead of the microphone's."""
    desk = await with_ears(room, email, voice=voice)
    await desk.start()
    await phone_is_ready(desk.page)
    return desk


async def with_ears(room: Room, email: str, *, voice: float | None = None) -> Desk:
    """Somebody signed in, in a page one can listen to."""
    context = await room.profile("en", permissions=["microphone"])
    if voice is not None:
        await context.add_init_script(f"window.parlonsVoice = {voice};")
    await context.add_init_script(path=EAR)
    desk = Desk(await context.new_page(), "en")
    await desk.sign_in(await room.floor.link(email))
    return desk


async def phone_is_ready(page: Page) -> None:
    """The browser's leg is connected, and nothing says that it is not."""
    await page.evaluate(
        """async () => {
          const end = performance.now() + 60000;
          while (parlonsEar.connection?.connectionState !== "connected" && performance.now() < end)
            await new Promise((done) => setTimeout(done, 20));
        }"""
    )
    assert await page.evaluate("parlonsEar.connection?.connectionState") == "connected"


async def hears(page: Page, frequency: float) -> None:
    """Waits until the page hears a tone."""
    assert await page.evaluate("hz => parlonsEar.hears(hz, 60000)", frequency), f"the page does not hear {frequency} Hz"


async def does_not_hear(page: Page, frequency: float) -> None:
    """For a second a tone is not there, once what was under way has been played."""
    for _ in range(20):
        loudest = await page.evaluate("hz => parlonsEar.loudest(hz, 1000)", frequency)
        if loudest < -60:
            return
    assert loudest < -60, f"the page hears {frequency} Hz at {loudest} dB"


async def has_hung_up(desk: Desk) -> None:
    """Waits until no call stands in the top bar."""
    await expect(desk.page.get_by_role("button", name=desk.t["call"]["endCall"])).to_have_count(0)
