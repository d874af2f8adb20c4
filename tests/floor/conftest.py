"""A dispatch on a fresh database."""

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
