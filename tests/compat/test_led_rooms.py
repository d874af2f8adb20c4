"""Conferences: who hears whom, also after a hold, and after another process took the calls over."""

from pathlib import Path

import msgspec
import pytest

from parlons.compat.led import Hook, Led
from parlons.kit.errors import Invalid
from parlons.kit.ids import CALL, new_id
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from tests.compat.led_stage import stage
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE

ANN, BEN, COACH = "+33611111111", "+33622222222", "+33633333333"
ROOM = "<Dial><Conference {}>Line</Conference></Dial>"


async def test_who_is_muted_from_the_first_on_is_never_heard(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ann = await here.call(ANN, ROOM.format('muted="true" startConferenceOnEnter="false"'))
        assert here.hears(ann) == {}
        ben = await here.call(BEN, ROOM.format(""))
        assert (here.hears(ann), here.hears(ben)) == ({BEN: 1.0}, {})


async def test_a_hold_changes_nothing_of_who_is_heard_by_whom(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ann, ben = await here.call(ANN, ROOM.format("")), await here.call(BEN, ROOM.format('muted="true"'))
        assert (here.hears(ann), here.hears(ben)) == ({}, {ANN: 1.0})
        for held in (True, False):
            await here.wish("change_participant", call_id=ben.id, changes={"hold": held})
            await here.settled()
        assert (here.hears(ann), here.hears(ben)) == ({}, {ANN: 1.0})


async def test_the_next_process_leaves_everybody_as_he_was_and_can_change_it(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    engine = FakeEngine()
    async with stage(database, clock, tmp_path, engine) as first:
        ann, ben = await first.call(ANN, ROOM.format("")), await first.call(BEN, ROOM.format(""))
        coach = await first.call(COACH, ROOM.format(f'coach="{ann.id}"'))
        await first.wish("change_participant", call_id=ben.id, changes={"muted": True})
        await first.settled()
        before = [first.hears(one) for one in (ann, ben, coach)]
        assert before == [{COACH: 1.0}, {ANN: 1.0}, {ANN: 1.0}]
    for room in engine.rooms.values():
        room.gains.clear()  # as if the process had died before it had told the engine
    async with stage(database, clock, tmp_path, engine, after=first) as second:
        assert [second.hears(one) for one in (ann, ben, coach)] == before
        assert second.led(ben).member == ben.member
        played = len(engine.played)
        await second.wish("change_participant", call_id=ben.id, changes={"muted": False})
        await second.wish("change_participant", call_id=coach.id, changes={"coach": ""})
        await second.settled()
        assert second.hears(ann) == {BEN: 1.0, COACH: 1.0}
        assert second.hears(ben) == {ANN: 1.0, COACH: 1.0}
        assert len(engine.played) == played, "nobody is announced again"


@pytest.mark.parametrize(("mode", "heard_by"), [("monitor", set()), ("whisper", {ANN}), ("barge", {ANN, BEN})])
async def test_a_supervisor_hears_all_and_is_heard_as_he_takes_part(
    database: Database, clock: StillClock, tmp_path: Path, mode: str, heard_by: set[str]
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ann, ben = await here.call(ANN, ROOM.format("")), await here.call(BEN, ROOM.format(""))
        boss = Led(new_id(CALL, clock()), TENANT, WORKSPACE, "outbound-api", COACH, "", "queued", clock(), Hook())
        wish = {"call_id": boss.id, "led": msgspec.to_builtins(boss), "mode": mode, "reservation_id": "WR1"}
        with pytest.raises(Invalid, match="in no conference"):
            await here.wish("supervise", **wish)
        ann.reservation = (WORKSPACE, "WR1", "WT1")
        await here.wish("supervise", **wish)
        await here.answered(boss)
        assert set(here.hears(boss)) == {ANN, BEN}
        assert {number for one, number in ((ann, ANN), (ben, BEN)) if COACH in here.hears(one)} == heard_by
