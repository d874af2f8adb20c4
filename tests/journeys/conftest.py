"""One demo server and one Chromium for all journeys; each test has an empty floor and browser profiles of its own."""

import contextlib
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from parlons.app.main import WEB
from parlons.testing.clocks import SharedClock
from parlons.testing.processes import Running, data_folder
from tests.journeys.floor import Floor
from tests.journeys.people import ROOT, Room

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


SHELL = Path("/usr/lib/chromium/chromium-headless-shell")


def chromium_path(*, whole: bool = False) -> str:
    """Debian's Chromium, or the one named by PARLONS_CHROMIUM. Its build without a window does the same pages for a third less
    work and is taken where it is installed, unless the `whole` browser is needed (push, stores of certificates)."""
    return os.environ.get("PARLONS_CHROMIUM") or (str(SHELL) if SHELL.exists() and not whole else "/usr/bin/chromium")


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers a failure for the fixtures that tidy up after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def demo() -> Iterator[tuple[Running, SharedClock]]:
    """The demo without practice people; its clock can be set."""
    assert (WEB / "desk/index.html").is_file(), "the web client is not built: run `make` once"
    assert Path(chromium_path()).exists(), "no Chromium: apt-get install chromium, or name one by PARLONS_CHROMIUM"
    with data_folder() as data:
        file = data.parent / "clock"
        clock = SharedClock(file)
        with Running(data, play="demo", clock=file, environ={"PARLONS_HTTP_ALLOW": "127.0.0.0/8"}) as server:
            yield server, clock
        clock.close()


@contextlib.asynccontextmanager
async def browser(path: str, *arguments: str) -> AsyncIterator[Browser]:
    """A running browser."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with browser(chromium_path()) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def floor(demo: tuple[Running, SharedClock], request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    """The demo with nobody at work and nothing waiting. A failure tells what the server complained of meanwhile."""
    made = Floor(*demo)
    before = len(made.server.said)
    await made.learn()
    await made.clear()
    yield made
    if request.node.stash.get(FAILED, False):
        print("-- the server:", *made.server.said[before:][-120:], sep="\n")
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def room(chromium: Browser, floor: Floor, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """Browser profiles; what a page complains of fails the test. A failure leaves pictures of all screens."""
    made = Room(chromium, floor)
    yield made
    if request.node.stash.get(FAILED, False):
        await made.pictures(ROOT / ".pytest_cache/journeys" / request.node.name)
    await made.leave()
    assert made.complaints == []
