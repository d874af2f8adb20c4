"""The shipped fake passes the contract suite, and the suite sees every verb: a fake with any one of them broken fails."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from parlons.testing.engine_suite import CASES, run
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.media.engine import MediaEngine
from parlons.voice.media.events import EngineState
from tests.voice.contract.faking import FakeDriver

VERBS = sorted(name for name, _ in inspect.getmembers(MediaEngine, callable) if not name.startswith("_"))


def test_the_suite_is_large_enough() -> None:
    assert len(CASES) >= 40
    assert len(VERBS) == 27, "a new verb needs cases, and a line in `_broken`"


@pytest.mark.parametrize("case", CASES)
async def test_the_fake_fulfils_the_contract(case: str, tmp_path: Path) -> None:
    await run(case, FakeDriver(tmp_path))


def _broken(verb: str) -> Any:
    """What stands in for a verb that does nothing and says nothing."""
    if verb == "events":
        return lambda *_: _silent()
    if verb == "tap":
        return _silent
    if verb == "connect_browser":
        return _answer
    if verb == "state":
        return _nothing_there
    return _nothing


async def _nothing(*_: Any, **__: Any) -> None:
    pass


async def _answer(*_: Any, **__: Any) -> str:
    return "v=0\r\n"


async def _nothing_there(*_: Any) -> EngineState:
    return EngineState(0, (), (), (), (), (), (), ())


async def _silent(*_: Any, **__: Any) -> AsyncIterator[Any]:
    await asyncio.Event().wait()
    yield


@pytest.mark.parametrize("verb", VERBS)
async def test_a_fake_with_one_verb_broken_fails(verb: str, tmp_path: Path) -> None:
    broken: type[FakeEngine] = type("Broken", (FakeEngine,), {verb: _broken(verb)})
    for case in CASES:
        try:
            await run(case, FakeDriver(tmp_path, broken()))
        except Exception:
            return
    pytest.fail(f"no case noticed that {verb} does nothing")


async def test_a_fake_that_claims_to_have_no_browsers_must_say_so_when_asked(tmp_path: Path) -> None:
    from parlons.voice.media.engine import Capabilities

    await run(
        "a_browser_talks_with_a_caller", FakeDriver(tmp_path, FakeEngine(capabilities=Capabilities(browser=False)))
    )
    lying: type[FakeEngine] = type("Lying", (FakeEngine,), {"connect_browser": _answer})
    with pytest.raises(AssertionError):
        await run(
            "a_browser_talks_with_a_caller", FakeDriver(tmp_path, lying(capabilities=Capabilities(browser=False)))
        )
