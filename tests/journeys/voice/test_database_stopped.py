"""PostgreSQL is stopped in the middle of a call: talk goes on, new callers hear a notice, the end is written down later."""

import pytest
from playwright.async_api import expect

from parlons.testing.processes import OwnPostgres
from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.breaking import both_hear, house, talking
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import NUMBER, House, has_hung_up

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["house"]


async def test_the_database_stands_still_and_the_talk_goes_on(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, customer = await talking(room, street)
    with OwnPostgres(house.server.data).held_down():
        await both_hear(ada, customer)
        late = await street.person("+33612345622", voice=None)
        assert await late.rings(NUMBER) == 200
        await late.hears_something()
        await late.is_hung_up(40)
        await both_hear(ada, customer)
    await house.answers()
    await floor.until("/calls?state=live", lambda page: len(page["items"]) == 1)
    await both_hear(ada, customer)
    customer.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
