"""Emergency numbers: by the trunk that takes them, past every limit and queue; where none does, said at once."""

import pytest

from parlons.kit.errors import Unavailable
from parlons.voice.calls import settings
from parlons.voice.calls.errors import NoEmergencyRoute
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.settings import Limits
from parlons.voice.media.engine import NumberTarget
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import MUSIC, OUTSIDE, Centre, user_id

ONE = browser_leg(user_id(1))


async def prepared(centre: Centre, *, route: bool) -> None:
    """Limits that nothing else passes, a desk phone, and a trunk that takes emergency calls, or none."""
    async with centre.db.transaction(TENANT) as tx:
        await settings.put_trunk(tx, "TK1", "carrier", {"host": "192.0.2.1", "country": "FR"}, password="")
        data = {"host": "192.0.2.2", "country": "FR", "emergency": route}
        await settings.put_trunk(tx, "TK2", "emergency", data, password="")
        await settings.put_limits(tx, WORKSPACE, Limits(allowed_countries=("CH",), calls_per_agent_hour=1))
        await settings.put_phone(tx, user_id(1), "sofia", "pw")
    await centre.configured()


@pytest.mark.parametrize("number", ["112", "15", "17", "18", "114", "911", "999", "1 1 2"])
async def test_it_is_dialled_at_once_past_every_limit(centre: Centre, number: str) -> None:
    await prepared(centre, route=True)
    await centre.phone()
    shown = (await centre.does("place", to={"number": number}))["call"]
    (dialled,) = centre.engine.dialled
    assert dialled.target == NumberTarget(number.replace(" ", ""), ("TK2",))
    assert shown["task_id"] is None, "no task, no queue"
    centre.engine.far_answers(dialled.leg_id)
    await centre.call("talking", dialled.leg_id)
    assert centre.engine.who_hears(dialled.leg_id) == {ONE}


async def test_who_talks_to_somebody_can_call_for_help(centre: Centre) -> None:
    await prepared(centre, route=True)
    call = await centre.talks()
    await centre.does("place", to={"number": "112"})
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    await centre.call("talking", dialled.leg_id)
    assert call.state == "held"
    assert any(MUSIC in one.sounds for one in centre.engine.plays(call.leg_id))
    assert centre.engine.who_hears(dialled.leg_id) == {ONE}


async def test_without_a_route_the_desk_says_so_and_he_hears_it(centre: Centre) -> None:
    await prepared(centre, route=False)
    await centre.phone()
    with pytest.raises(NoEmergencyRoute):
        await centre.does("place", to={"number": "112"})
    assert centre.engine.plays(ONE)
    assert not centre.engine.dialled


async def test_a_desk_phone_hears_it_too(centre: Centre) -> None:
    await prepared(centre, route=False)
    leg_id = await centre.engine.incoming(kind="phone", username="sofia", from_number="", to_number="112")
    play = await centre.until(lambda: centre.engine.plays(leg_id))
    assert "answer" in centre.engine.verbs()
    await centre.engine.stop_play(play[0].play_id)
    await centre.until(lambda: not centre.controller.floor.calls)
    assert not centre.engine.dialled


async def test_a_desk_phone_needs_no_database_for_it(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    await prepared(centre, route=True)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(centre.controller.floor.handler, "entry", away)
    monkeypatch.setattr(centre.controller.dialling, "_filed", away)
    leg_id = await centre.engine.incoming(kind="phone", username="sofia", from_number="", to_number="112")
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: centre.engine.who_hears(dialled.leg_id) == {leg_id})


async def test_other_numbers_are_limited(centre: Centre) -> None:
    await prepared(centre, route=True)
    await centre.phone()
    with pytest.raises(Exception, match="not allowed"):
        await centre.does("place", to={"number": OUTSIDE})
