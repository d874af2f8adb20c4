"""Who may make the product dial, and where: agents' own outside numbers, scripts, callbacks, transfers, emergency numbers."""

import asyncio

import pytest

from parlons.voice.calls import settings
from parlons.voice.calls.errors import NoEmergencyRoute
from parlons.voice.calls.limits import allowed_country
from parlons.voice.calls.settings import Configured, ContactAddress, Limits, TrunkRow
from parlons.voice.media.config import Trunk
from parlons.voice.media.engine import NumberTarget
from tests.dispatch import floor as routed
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import OUTSIDE, Centre
from tests.voice.calls.test_scripts import asked_to_be_called, scripted

ABROAD = "+442079460000"
EMERGENCY = "112"


@pytest.mark.parametrize("number", [ABROAD, EMERGENCY])
async def test_an_agents_own_number_is_rung_within_the_limits_only(centre: Centre, number: str) -> None:
    await centre.configured(w1=[ContactAddress("number", number, 20)])
    leg_id = await centre.rings_in()
    await centre.call("waiting", leg_id)
    await centre.until(
        lambda: centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].activity_id != routed.READY
    )
    await centre.idle()
    assert not centre.engine.dialled
    assert (await centre.call("waiting", leg_id)).live


async def test_an_agents_own_number_at_home_is_rung(centre: Centre) -> None:
    await centre.configured(w1=[ContactAddress("number", OUTSIDE, 20)])
    await centre.rings_in()
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    assert dialled.target.number == OUTSIDE


@pytest.mark.parametrize("number", [ABROAD, EMERGENCY])
async def test_a_script_dials_within_the_limits_only(centre: Centre, number: str) -> None:
    _, contact = await scripted(centre)
    await centre.controller.scripting.dial_out(contact.call_id, "f/1", number, caller_number=None, timeout_ms=20_000)
    async with asyncio.timeout(15):
        assert (await centre.script.answers.get()).why == "refused"
    assert not centre.engine.dialled


@pytest.mark.parametrize("number", [ABROAD, EMERGENCY])
async def test_a_callback_goes_where_calls_may_go_only(centre: Centre, number: str) -> None:
    _, task_id = await asked_to_be_called(centre, number)
    await centre.phone()
    await centre.takes()
    await centre.until(lambda: task_id not in centre.dispatch.state(WORKSPACE).tasks)
    await centre.idle()
    assert not centre.engine.dialled
    async with centre.db.transaction(TENANT) as tx:
        assert await tx.scalar("SELECT state FROM callbacks WHERE task_id = :task", {"task": task_id}) == "failed"


async def test_an_emergency_number_is_added_by_its_own_trunks_only(centre: Centre) -> None:
    call = await centre.talks()
    to = {"worker_id": None, "queue_id": None, "number": EMERGENCY}
    with pytest.raises(NoEmergencyRoute):
        await centre.does("add", call, to=to)
    async with centre.db.transaction(TENANT) as tx:
        data = {"host": "192.0.2.2", "country": "FR", "emergency": True}
        await settings.put_trunk(tx, "TK2", "help", data, password="")
    await centre.takes_settings_in()
    await centre.does("add", call, to=to)
    (dialled,) = centre.engine.dialled
    assert dialled.target == NumberTarget(EMERGENCY, ("TK2",))


async def test_who_sees_one_firm_shows_that_firms_numbers(centre: Centre) -> None:
    async def numbers(_tx: object, firm_id: str | None) -> list[str]:
        known = {"FI-north": ["+33100000001"], "FI-south": ["+33200000002"]}
        return [number for firm, own in known.items() for number in own if firm_id in (None, firm)]

    centre.controller.floor.numbers = numbers
    await centre.phone()
    asked = {"caller_number": "+33100000001", "firm_ids": ["FI-south"]}
    shown = (await centre.does("place", to={"number": OUTSIDE}, **asked))["call"]
    assert shown["number"] == "+33200000002"


@pytest.mark.parametrize(
    ("named", "trunk", "number", "allowed"),
    [
        ((), "FR", "+33562004100", True),
        ((), "FR", "+442079460812", False),
        (("GB",), "FR", "+442079460812", True),
        (("GB",), "FR", "+33562004100", False),
        ((), None, "+33562004100", False),
    ],
)
def test_a_country_nobody_named_is_not_called(
    named: tuple[str, ...], trunk: str | None, number: str, allowed: bool
) -> None:
    carrier = TrunkRow("TK1", "carrier", Trunk("TK1", "192.0.2.1"), country=trunk)
    configured = Configured(trunks=[carrier], limits=Limits(allowed_countries=named))
    assert allowed_country(configured, number) is allowed
