"""The clock: ticks that were missed are made up for, too many are left out, a broken tick does not end it, idle costs nothing."""

import asyncio
import time
from pathlib import Path

import pytest

from parlons.testing.engine_scene import scene
from parlons.testing.fake_sound import read_wav
from parlons.voice.media.builtin.ticker import CATCH_UP, Sockets, Ticker
from parlons.voice.media.config import EngineConfig
from tests.voice.media.far import builtin


class Counted:
    """A ticker whose ticks are counted."""

    def __init__(self, stop_after: int = 1_000_000, fail_at: int = -1) -> None:
        self.ticks, self.fail_at, self.stop_after = 0, fail_at, stop_after
        self.times: list[float] = []
        self.sockets = Sockets()
        self.ticker = Ticker(self.sockets, self._tick, lambda: self.ticks < self.stop_after)
        self.enough = asyncio.Event()

    def _tick(self) -> None:
        self.ticks += 1
        self.times.append(time.monotonic())
        if self.ticks >= self.stop_after:
            self.enough.set()
        if self.ticks == self.fail_at:
            raise RuntimeError("broken")


async def test_a_tick_each_20_ms() -> None:
    counted = Counted(stop_after=25)
    began = time.monotonic()
    counted.ticker.wake()
    counted.ticker.wake()
    await asyncio.wait_for(counted.enough.wait(), 60)
    took, late = counted.times[-1] - began, counted.ticker.late[-1]
    assert took >= 0.48, "never early"
    assert took - late <= 0.52 + 0.02 * counted.ticker.left_out, "late by what is told"
    counted.sockets.close()


async def test_missed_ticks_are_made_up_for() -> None:
    counted = Counted()
    counted.ticker.wake()
    await asyncio.sleep(0.05)
    before, began = counted.ticks, time.monotonic()
    time.sleep(0.15)  # noqa: ASYNC251 - the loop is held up on purpose
    await asyncio.sleep(0.05)
    passed = counted.ticks + counted.ticker.left_out - before
    assert passed == pytest.approx((time.monotonic() - began) / 0.02, abs=2)
    assert counted.ticker.left_out == sum(max(0, int(late / 0.02) + 1 - CATCH_UP) for late in counted.ticker.late)
    assert max(counted.ticker.late) > 0.1
    counted.ticker.stop()
    counted.sockets.close()


async def test_too_many_are_left_out() -> None:
    counted = Counted()
    counted.ticker.wake()
    await asyncio.sleep(0.05)
    before, began = counted.ticks, time.monotonic()
    time.sleep(0.02 * (CATCH_UP + 10))  # noqa: ASYNC251
    await asyncio.sleep(0.03)
    assert counted.ticker.left_out >= 8
    passed = counted.ticks + counted.ticker.left_out - before
    assert passed == pytest.approx((time.monotonic() - began) / 0.02, abs=2)
    counted.ticker.stop()
    counted.sockets.close()


async def test_a_broken_tick_is_followed_by_the_next() -> None:
    counted = Counted(stop_after=10, fail_at=3)
    counted.ticker.wake()
    await asyncio.wait_for(counted.enough.wait(), 60)
    assert counted.ticker.failed == 1
    counted.sockets.close()


async def test_it_stands_still_when_there_is_nothing_to_do() -> None:
    counted = Counted(stop_after=2)
    counted.ticker.wake()
    await asyncio.wait_for(counted.enough.wait(), 60)
    await asyncio.sleep(0.1)
    assert counted.ticks == 2
    assert counted.ticker._timer is None
    counted.ticker.wake()
    await asyncio.sleep(0.05)
    assert counted.ticks == 3
    counted.ticker.stop()
    counted.sockets.close()


async def test_an_engine_that_stops_writes_recordings_to_their_end(tmp_path: Path) -> None:
    async with builtin(tmp_path) as driver:
        async with scene(driver) as s:  # type: ignore[arg-type]
            leg_id, _ = await s.caller(500)
            await s.room_of(leg_id)
            await s.engine.record("RE1", "CF1", str(tmp_path / "a.wav"), left_leg_id=leg_id)
            await s.passes(400)
        assert driver.engine.ticker._timer is not None
    sound = read_wav(tmp_path / "a.wav")
    assert len(sound) >= 8 * 300
    assert sound[-800:, 0].any()


async def test_an_engine_without_legs_stands_still(tmp_path: Path) -> None:
    async with builtin(tmp_path) as driver, scene(driver) as s:  # type: ignore[arg-type]
        leg_id, far = await s.caller(500)
        await s.engine.configure(EngineConfig())
        await s.engine.hang_up(leg_id)
        await s.until(lambda: far.sees().ended is not None, what="the end")
        await s.until(lambda: driver.engine.ticker._timer is None, what="the stop")
        await s.until(lambda: len(driver.engine.sockets._receivers) == 1, what="RTCP's socket alone")
