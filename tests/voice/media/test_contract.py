"""The built-in engine passes the contract suite, with real SIP and real RTP on loopback. Browsers and phones: elsewhere."""

from pathlib import Path

import pytest

from parlons.testing.engine_suite import CASES, run
from tests.voice.media.far import builtin

ELSEWHERE = {"a_configured_phone_registers_and_is_called_by_its_name", "what_is_no_offer_is_refused"}
"""Needs far sides that `far` has not; they run over the remote engine, and in the tests of SIP."""


@pytest.mark.parametrize("case", sorted(case for case in CASES if case not in ELSEWHERE and "browser" not in case))
async def test_the_builtin_engine(case: str, tmp_path: Path) -> None:
    async with builtin(tmp_path) as driver:
        await run(case, driver)  # type: ignore[arg-type]
