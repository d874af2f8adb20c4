"""The built-in engine passes what needs browsers and desk phones; its other cases stand in tests/voice/media."""

from pathlib import Path

import pytest

from parlons.testing.engine_suite import CASES, run
from tests.voice.contract.whole import whole

HERE = sorted(name for name in CASES if "browser" in name or "registers" in name or "no_offer" in name)


@pytest.mark.parametrize("case", HERE)
async def test_the_builtin_engine(case: str, tmp_path: Path) -> None:
    async with whole(tmp_path) as driver:
        await run(case, driver)  # type: ignore[arg-type]
