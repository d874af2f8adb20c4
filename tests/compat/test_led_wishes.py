"""What a program wishes of its calls is done, and can be read, when it is answered."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from parlons.accounts.model import Principal, Role
from parlons.compat import calls, conferences, led_store, program_wishes
from parlons.compat.call import Call
from parlons.compat.errors import ApiError
from parlons.compat.led import Led
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.voice import Wish
from tests.compat.led_stage import Stage, stage
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import NUMBER

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


async def test_a_call_that_is_removed_as_soon_as_its_end_is_told_stays_so(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        ann = await here.call(ANN, ROOM)
        leave = here.programs.rooms.leave

        async def removed_meanwhile(led: Led, **more: bool) -> None:
            await calls.remove_call(asked(here, {"Sid": led.id}))
            await leave(led, **more)

        monkeypatch.setattr(here.programs.rooms, "leave", removed_meanwhile)
        here.centre.engine.far_hangs_up(here.legs[ann.id])
        await here.centre.until(lambda: ann.id not in here.programs.led)
        await here.settled()
        async with database.transaction(TENANT) as tx:
            assert await led_store.find(tx, ann.id) is None


def asked(here: Stage, ids: dict[str, str], **given: str) -> Call:
    """A request of the account."""
    centre, values = here.centre, {name: [value] for name, value in given.items()}
    principal = Principal(tenant_id=TENANT, workspace_id="", role=Role.SUPERVISOR)
    return Call(
        centre.db, centre.dispatch, centre.clock, principal, "", "", ids=ids, given=values, headers={},
        voice=centre.telephone, desk_id=WORKSPACE,
    )  # fmt: skip


async def test_a_call_is_answered_as_it_was_placed_however_soon_somebody_takes_it(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        wish = here.centre.telephone.act

        async def taken_at_once(workspace_id: str, wanted: Wish) -> Any:
            done = await wish(workspace_id, wanted)
            await here.settled()
            here.centre.engine.far_answers(here.centre.engine.dialled[-1].leg_id)
            await here.centre.until(lambda: here.programs.led[wanted.call_id].status == "in-progress")
            await here.settled()
            return done

        monkeypatch.setattr(here.centre.telephone, "act", taken_at_once)
        placed = await calls.create_call(asked(here, {}, To=ANN, From=NUMBER, Twiml=f"<Response>{ROOM}</Response>"))
        assert (placed["status"], placed["start_time"], placed["direction"]) == ("queued", None, "outbound-api")
        assert (await here.row(placed["sid"])).status == "in-progress"


@pytest.mark.parametrize("named", ["call_sid", "label"])
async def test_who_was_called_into_a_conference_is_shown_and_may_be_called_no_longer(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setattr(program_wishes, "PATIENCE", 60)
    async with stage(database, clock, tmp_path, FakeEngine()) as here:
        invited = await conferences.invite(
            asked(here, {"ConferenceSid": "Line"}, To=ANN, From=NUMBER, Label="ann", Muted="true")
        )
        ids = {"ConferenceSid": invited["conference_sid"], "CallSid": invited[named]}
        assert await conferences.participant(asked(here, ids)) == invited
        assert (await conferences.participants(asked(here, ids)))["participants"] == [], "not before he answers"
        await conferences.kick(asked(here, ids))
        assert (await here.row(invited["call_sid"])).status == "canceled"
        with pytest.raises(ApiError, match="not found"):
            await conferences.participant(asked(here, ids))
