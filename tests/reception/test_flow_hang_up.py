"""Who hangs up at any step is gone: his flow is over, what comes late changes nothing, and nobody is asked for in vain."""

from collections.abc import AsyncIterator

import pytest

from parlons.runtime.db import Database
from tests.reception.conftest import furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_calls import MENU

REPLIES = [("said", ""), ("said", ""), ("digits", "1"), ("digits", "1234"), ("said", "")]
"""Through menu and code to the queue."""


@pytest.fixture
async def phone(database: Database) -> AsyncIterator[Phone]:
    await furnish(database)
    phone = Phone(database)
    yield phone
    await phone.close()


async def test_who_hangs_up_at_any_step_leaves_nothing_behind(phone: Phone) -> None:
    await phone.flow(MENU)
    for steps in range(len(REPLIES)):
        call_id = f"CA{steps}"
        await phone.rings(call_id)
        for kind, digits in REPLIES[:steps]:
            await phone.answers(kind, call_id=call_id, digits=digits)
        asked, key = len(phone.verbs.asked), phone.verbs.last().key
        await phone.answers("gone", call_id=call_id)
        await phone.script.ends(call_id)
        for late in ("said", "digits", "gone"):
            await phone.answers(late, call_id=call_id, key=key, digits="1")
        phone.fresh_process()
        await phone.script.returns(call_id)
        instance = await phone.instance(call_id)
        assert (instance.status, instance.task_id, instance.waiting_key) == ("ended", None, None), steps
        again = [one.verb for one in phone.verbs.asked[asked:]]
        assert set(again) <= {"hang_up"}, steps
        assert await phone.asked() == [], steps
