"""What a program wishes of its calls is done, and can be read, when it is answered."""

import asyncio
from pathlib import Path

import pytest

from parlons.compat import program_wishes
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from tests.compat.led_stage import stage
from tests.conftest import StillClock

ANN = "+33611111111"
ROOM = "<Dial><Conference>Line</Conference></Dial>"


@pytest.mark.parametrize("verb", ["end", "kick"])
async def test_who_is_told_that_a_call_was_ended_reads_it_so(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(program_wishes, "PATIENCE", 60)
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ann, busy = await here.call(ANN, ROOM), asyncio.Event()
        here.programs.verbs.lines.later(ann.id, lambda: busy.wait())
        answer = asyncio.create_task(here.wish(verb, call_id=ann.id))
        await here.centre.until(lambda: ann.id not in here.centre.controller.floor.calls)
        assert (await here.row(ann.id)).live, "the telephone has ended it, its row follows"
        assert not answer.done()
        busy.set()
        await answer
        assert (await here.row(ann.id)).status == "completed"
