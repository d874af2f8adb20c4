"""The voice process is killed in the middle of a call: it starts again, the call has its reason, the customer is called back."""

import os
import signal

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.breaking import CARRIER_SAYS, CUSTOMER_SAYS, both_hear, house, talking, voice_process
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import MICROPHONE, NUMBER, House, has_hung_up, hears

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["house"]


async def test_the_voice_process_is_killed_and_the_customer_called_back(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, _ = await talking(room, street)
    before = voice_process(house.server.data)
    os.kill(before, signal.SIGKILL)
    invite = await street.carrier.answers()
    assert "+33612345620" in invite.first
    assert voice_process(house.server.data) != before
    await street.carrier.hears(MICROPHONE)
    await hears(ada.page, CARRIER_SAYS)
    causes = await floor.call("GET", "/calls")
    assert {one["end_cause"] for one in causes["items"]} == {"lost", None}
    street.carrier.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    another = await street.person("+33612345621", voice=CUSTOMER_SAYS)
    assert await another.rings(NUMBER) == 200
    await ada.take("+33 6 12 34 56 21")
    await both_hear(ada, another)
