"""What a program wishes of its calls is done, and can be read, when it is answered."""

import asyncio
from pathlib import Path

import pytest

from parlons.accounts.model import Principal, Role
from parlons.compat import conferences, program_wishes
from parlons.compat.call import Call
from parlons.compat.errors import ApiError
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
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


def asked(here: Stage, ids: dict[str, str], **given: str) -> Call:
    """A request of the account."""
    centre, values = here.centre, {name: [value] for name, value in given.items()}
    principal = Principal(tenant_id=TENANT, workspace_id="", role=Role.SUPERVISOR)
    return Call(
        centre.db, centre.dispatch, centre.clock, principal, "", "", ids=ids, given=values, headers={},
        voice=centre.telephone, desk_id=WORKSPACE,
    )  # fmt: skip


@pytest.mark.parametrize("named", ["call_sid", "label"])
async def test_who_was_called_into_a_conference_is_shown_and_may_be_called_no_longer(
    database: Database, clock: StillClock, tmp_path: Path, named: str
) -> None:
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
