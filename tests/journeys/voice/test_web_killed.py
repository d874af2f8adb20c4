"""The web process is killed in the middle of a call: sound goes on, who starts next takes the call over."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.breaking import both_hear, house, talking, voice_process
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import MICROPHONE, House, has_hung_up

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["house"]


async def test_the_web_process_is_killed_and_the_talk_goes_on(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, customer = await talking(room, street)
    before = voice_process(house.server.data)
    house.server.kill()
    await both_hear(ada, customer)
    await asyncio.to_thread(house.server.start)  # people outside talk on meanwhile
    assert voice_process(house.server.data) == before
    live = await floor.until("/calls?state=live", lambda page: page["items"])
    assert live["items"][0]["state"] == "talking"
    await both_hear(ada, customer)
    await ada.page.get_by_role("button", name=ada.t["call"]["hold"], exact=True).click()
    await customer.hears_no_more(MICROPHONE)
    await ada.page.get_by_role("button", name=ada.t["call"]["resume"], exact=True).click()
    await both_hear(ada, customer)
    customer.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    await floor.until("/calls", lambda page: [one["end_cause"] for one in page["items"]] == ["hangup"])
