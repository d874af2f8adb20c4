"""The house, and the stand-ins around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlons.simulator.providers.graph import Graph
from parlons.simulator.providers.telegram import BotApi
from parlons.simulator.providers.wire import served
from tests.channels.messaging.house import House, living


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncIterator[House]:
    async with living(empty_database, tmp_path / "files") as found:
        yield found


@pytest.fixture
async def bots() -> AsyncIterator[tuple[BotApi, str]]:
    """The bot service and its address."""
    service = BotApi()
    async with served(service.app) as url:
        yield service, url
    await service.close()


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    found = Graph()
    async with served(found.app) as url:
        found.url = url
        yield found
    await found.close()
