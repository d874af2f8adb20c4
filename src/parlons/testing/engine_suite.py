"""The contract every media engine must pass: `CASES`, by name. See `engine_scene` for what an engine has to bring.

    @pytest.mark.parametrize("case", CASES)
    async def test_contract(case, driver): await run(case, driver)

A case begins with an engine that carries nothing. An engine that lacks a capability (`Capabilities`) must refuse with
`CannotDo`; the cases of it end there.
"""

import asyncio

from parlons.testing import engine_suite_legs, engine_suite_rooms, engine_suite_sounds, engine_suite_streams
from parlons.testing.engine_scene import Driver, scene

CASES = engine_suite_legs.CASES | engine_suite_rooms.CASES | engine_suite_sounds.CASES | engine_suite_streams.CASES
PATIENCE = 90.0
"""Seconds of real time a case may take."""


async def run(case: str, driver: Driver) -> None:
    """Runs one case; raises when the engine breaks the contract."""
    async with asyncio.timeout(PATIENCE), scene(driver) as made:
        await CASES[case](made)
