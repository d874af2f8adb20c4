from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.postgres.scene import open_folder


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder the database's user can reach, gone after the test, with any server in it."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def data(place: Path) -> Path:
    """A data folder that does not exist yet."""
    return place / "data"
