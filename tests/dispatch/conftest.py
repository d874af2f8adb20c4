"""A dispatch on a fresh database, and a second one as another process would have it."""

from collections.abc import AsyncIterator

import pytest

from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from tests.conftest import StillClock


@pytest.fixture
async def dispatch(database: Database, clock: StillClock) -> AsyncIterator[Dispatch]:
    """Not yet open: `floor.prepare` makes it the owner."""
    opened = Dispatch(database, clock=clock, name="first")
    yield opened
    await opened.close()


@pytest.fixture
async def other(empty_database: str, clock: StillClock) -> AsyncIterator[Dispatch]:
    """A second process's dispatch on the same database."""
    database = await Database.open(empty_database, pool_size=4, clock=clock)
    opened = Dispatch(database, clock=clock, name="second")
    yield opened
    await opened.close()
    await database.close()
