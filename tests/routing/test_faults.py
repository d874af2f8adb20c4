"""Whether the search of test_properties.py is worth anything: each planted fault must be found by it."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.routing.faults import FAULTS
from tests.routing.test_properties import BYTES
from tests.routing.world import Discrepancy, run


def search(kind: int) -> None:
    """The property search, without shrinking; raises at the first discrepancy."""

    @seed(kind)
    @settings(
        max_examples=60, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,), report_multiple_bugs=False,
    )  # fmt: skip
    @given(BYTES)
    def agree(data: bytes) -> None:
        run(data, kind)

    agree()


def search_all() -> None:
    """All kinds of workspace."""
    for kind in range(12):
        search(kind)


@pytest.mark.parametrize("name", FAULTS)
def test_the_search_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[name](monkeypatch)
    with pytest.raises(Discrepancy):
        search_all()


def test_there_are_twenty_faults_at_least() -> None:
    assert len(FAULTS) >= 20
