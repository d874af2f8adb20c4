"""Keys in a menu lead to the right people; a caller on hold hears music, and his agent nothing of him."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, BEN, MENU, MICROPHONE, NUMBER, at_work, does_not_hear, hears

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_key_leads_to_the_right_people(room: Room, street: Street) -> None:
    ada, ben = await at_work(room, ADA), await at_work(room, BEN, voice=800.0)
    customer = await street.person("+33612345601", voice=1000.0)
    assert await customer.rings(MENU) == 200
    await customer.hears_something()
    await customer.presses("2")
    await ben.take("+33 6 12 34 56 01")
    await customer.hears(800.0)
    await hears(ben.page, 1000.0)
    await expect(ada.offer("+33 6 12 34 56 01")).to_have_count(0)


async def test_music_while_on_hold(room: Room, street: Street, floor: Floor) -> None:
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345602", voice=1000.0)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 02")
    await customer.hears(MICROPHONE)
    await ada.page.get_by_role("button", name=ada.t["call"]["hold"], exact=True).click()
    await expect(ada.page.get_by_role("button", name=ada.t["call"]["resume"], exact=True)).to_be_visible()
    await customer.hears_no_more(MICROPHONE)
    await customer.hears_something()
    await does_not_hear(ada.page, 1000.0)
    await ada.page.get_by_role("button", name=ada.t["call"]["resume"], exact=True).click()
    await customer.hears(MICROPHONE)
    await hears(ada.page, 1000.0)
