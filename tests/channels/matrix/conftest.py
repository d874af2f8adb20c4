"""One homeserver for all tests of the folder."""

from collections.abc import Iterator

import pytest

from tests.channels.matrix.homeserver import Homeserver, NoHomeserver, running


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """Skips, with the reason, where it cannot be installed."""
    try:
        with running(tmp_path_factory.mktemp("homeserver")) as found:
            yield found
    except NoHomeserver as error:
        pytest.skip(f"no homeserver here: {error}")
