"""What the tests of whole processes share: a server with a small centre of three people, each test with people of its own."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parlons.simulator.wire import Refused
from parlons.testing.clocks import SharedClock
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import OwnPostgres, Running, data_folder

CENTRE = (Path(__file__).parent / "centre.yaml").read_text()
WIDGET = "garage"


@dataclass(slots=True)
class Centre:
    """A server with its data folder, clock and database."""

    data: Path
    server: Running
    clock: SharedClock
    postgres: OwnPostgres

    @property
    def urls(self) -> list[str]:
        return [self.server.url]

    def operator(self) -> Operator:
        return Operator(self.urls, self.server.operator_key())

    def visitor(self, topic: str = "sales", *, urls: list[str] | None = None) -> Visitor:
        return Visitor(urls or self.urls, WIDGET, topic=topic)

    async def token(self, name: str) -> str:
        """A one-time link's token for the user `name`."""
        async with self.operator() as operator:
            return await operator.link(f"{name}@garage.example")

    @contextlib.asynccontextmanager
    async def at_work(self, name: str) -> AsyncIterator[Desk]:
        """`name` signed in and available; gone afterwards, so that the next test begins with nobody there."""
        async with Desk(self.urls, await self.token(name)) as desk:
            await desk.become("Available")
            yield desk
            await desk.become("Offline")


@contextlib.contextmanager
def centre_on(data: Path, clock_file: Path) -> Iterator[Centre]:
    """A running centre; its server is ended afterwards if the test left it running."""
    clock = SharedClock(clock_file)
    with Running(data, clock=clock_file) as server:
        try:
            yield Centre(data, server, clock, OwnPostgres(data))
        finally:
            clock.close()


async def configured(centre: Centre) -> Centre:
    """The centre with its three people."""
    async with centre.operator() as operator:
        await operator.apply(CENTRE)
    return centre


@pytest.fixture(scope="module")
def house() -> Iterator[Centre]:
    """One server for a module: tests that do not break it."""
    with data_folder() as data, centre_on(data, data.parent / "clock") as centre:
        yield centre


@pytest.fixture
async def centre(house: Centre) -> AsyncIterator[Centre]:
    """The module's server, configured; no work of this test is left for the next one."""
    yield await configured(house)
    async with house.operator() as operator:
        for status in ("pending", "reserved", "assigned", "wrapping"):
            for task in (await operator.get(f"/tasks?status={status}"))["items"]:
                with contextlib.suppress(Refused):
                    await operator.wire.call("POST", f"/tasks/{task['id']}/cancel", {"reason": "test over"})


@pytest.fixture
def alone() -> Iterator[Centre]:
    """A server of this test's own, to be broken."""
    with data_folder() as data, centre_on(data, data.parent / "clock") as centre:
        yield centre
