"""Background work: restarted when it fails, ended in reverse order, a bad ending does not stop the others."""

import asyncio

from parlons.runtime.lifetime import Lifetime


async def test_failing_work_is_restarted_and_reported_meanwhile() -> None:
    runs = 0
    again = asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("once")
        again.set()
        await asyncio.Event().wait()

    async with Lifetime() as life:
        life.keep("hub", work)
        await asyncio.wait_for(again.wait(), 20)
        assert await life.check() == "Restarting: hub"


async def test_the_end_goes_backwards_and_past_a_failing_step() -> None:
    ended: list[str] = []

    async def end(name: str) -> None:
        ended.append(name)
        if name == "b":
            raise RuntimeError("stuck")

    async with Lifetime() as life:
        for name in ("a", "b", "c"):
            life.at_end(name, lambda name=name: end(name))  # type: ignore[misc]
    assert ended == ["c", "b", "a"]
