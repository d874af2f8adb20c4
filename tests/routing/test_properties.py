"""The router against the naive oracle, under any interleaving: never two owners, capacity kept, order kept, replay
equal.

1,008 runs of 50 commands and more, spread over test functions so that several cores share them. A failing run is
shrunk to few bytes."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.routing.world import run

BYTES = st.binary(min_size=400, max_size=460)
RUNS = 84


@pytest.mark.parametrize("kind", range(12))
def test_router_and_oracle_agree_after_every_command(kind: int) -> None:
    steps: list[int] = []

    @seed(kind)
    @settings(
        max_examples=RUNS, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(BYTES)
    def agree(data: bytes) -> None:
        steps.append(run(data, kind))

    agree()
    assert len(steps) >= RUNS
    assert min(steps) >= 50
