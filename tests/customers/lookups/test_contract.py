"""Every customer system that ships passes the contract, before a stand-in built from its published interface."""

import pytest

from parlons.customers.lookups.plugin import Tools
from parlons.customers.lookups.registry import LOOKUPS, open_lookups
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp
from parlons.testing.lookup_suite import CASES, STATIC, Scene, run
from tests.customers.lookups.conftest import SYSTEMS


def test_every_system_that_ships_is_tried() -> None:
    assert SYSTEMS.keys() == LOOKUPS.keys()
    assert len(STATIC) + len(CASES) >= 20


@pytest.mark.parametrize("case", STATIC)
def test_descriptions(case: str) -> None:
    for name, lookup in open_lookups(Tools(SafeHttp(), wall_clock)).items():
        STATIC[case](name, lookup)


@pytest.mark.parametrize("scene", SYSTEMS, indirect=True)
async def test_contract(scene: Scene) -> None:
    for case in CASES:  # one server for all: each case has people of its own
        assert await run(case, scene), f"this system can do all of it: {case}"
