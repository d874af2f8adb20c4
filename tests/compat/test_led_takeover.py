"""A process died while it called somebody: whoever waits for that hears how it ended."""

from pathlib import Path

import pytest

from parlons.compat import led_store
from parlons.compat.led import Hook, Led
from parlons.kit.ids import CALL, new_id
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from tests.compat.led_stage import stage
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import NUMBER

ANN, BEN = "+33611111111", "+33622222222"
DIAL = f"<Dial><Number>{BEN}</Number></Dial><Dial><Conference>After</Conference></Dial>"


@pytest.mark.parametrize("died", ["before it was called", "when it was refused", "while it rang"])
async def test_who_was_not_reached_is_waited_for_no_more(
    database: Database, clock: StillClock, tmp_path: Path, died: str
) -> None:
    engine = FakeEngine()
    async with stage(database, clock, tmp_path, engine) as first:
        ann = await first.call(ANN, DIAL)
        (child_id,) = first.led(ann).children
    leg_id = engine.dialled[-1].leg_id
    if died == "while it rang":
        engine.far_refuses(leg_id)  # and nobody listens
    else:
        await engine.hang_up(leg_id)
        async with database.transaction(TENANT) as tx:
            if died == "when it was refused":
                await led_store.remove(tx, [child_id])
            await tx.execute("DELETE FROM calls WHERE id = :id", {"id": child_id})
    dialled = len(engine.dialled)
    async with stage(database, clock, tmp_path, engine, after=first) as second:
        await second.centre.until(lambda: second.led(ann).member is not None)
        await second.settled()
        if died != "when it was refused":
            assert (await second.row(child_id)).status == "failed"
        assert len(engine.dialled) == dialled, "he is not called again"


async def test_a_call_that_nobody_placed_has_failed(database: Database, clock: StillClock, tmp_path: Path) -> None:
    made = Led(new_id(CALL, clock()), TENANT, WORKSPACE, "outbound-api", ANN, NUMBER, "queued", clock(), Hook())
    async with database.transaction(TENANT) as tx:
        await led_store.keep(tx, made)
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ben = await here.call(BEN, "<Dial><Conference>After</Conference></Dial>")
        assert (await here.row(made.id)).status == "failed"
        assert here.led(ben).status == "in-progress"
