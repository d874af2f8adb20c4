"""A call from the street to a headset: number, hours, queue, offer, both hear each other, hang up, write up, finish."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, MICROPHONE, NUMBER, at_work, has_hung_up, hears

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_call_from_the_street_to_a_headset(room: Room, street: Street, floor: Floor) -> None:
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345678", voice=1000.0)
    assert await customer.rings(NUMBER) == 200
    await customer.hears_something()
    offer = ada.offer("+33 6 12 34 56 78")
    await expect(offer).to_contain_text("Incoming call")
    await ada.take("+33 6 12 34 56 78")
    await hears(ada.page, 1000.0)
    await customer.hears(MICROPHONE)
    customer.hangs_up()
    await has_hung_up(ada)
    await expect(ada.context.get_by_role("tabpanel")).to_contain_text("Wrap-up")
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    # Newest first; other tests' calls stand behind it.
    await floor.until("/calls", lambda page: page["items"][0]["state"] == "ended")
    assert (await floor.call("GET", "/calls"))["items"][0]["from_number"] == "+33612345678"
    assert (await floor.call("GET", "/calls"))["items"][0]["end_cause"] == "hangup"
