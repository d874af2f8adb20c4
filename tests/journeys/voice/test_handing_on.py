"""A call is handed on: at once, after asking, to a number outside; and three talk together. Who hears which voice is proof."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room
from tests.journeys.voice.callers import Person, Street
from tests.journeys.voice.conftest import (
    ADA,
    BEN,
    MICROPHONE,
    NUMBER,
    at_work,
    does_not_hear,
    has_hung_up,
    hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
BEN_SAYS, CUSTOMER_SAYS, OUTSIDE_SAYS = 800.0, 1000.0, 1700.0
SHOWN = "+33 6 12 34 56 03"


async def talking(room: Room, street: Street) -> tuple[Desk, Person]:
    """Ada and a customer talk."""
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345603", voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take(SHOWN)
    await customer.hears(MICROPHONE)
    return ada, customer


async def picks(desk: Desk, name: str) -> None:
    """Chooses to whom, in the menu that is open."""
    field = desk.page.get_by_role("combobox", name=desk.t["call"]["transferTo"])
    await field.fill(name)
    # Who came to work a moment ago is told of on this screen in his own time.
    await expect(desk.page.get_by_role("option", selected=True)).to_have_count(1)
    await desk.page.keyboard.press("Enter")


async def press(desk: Desk, word: str, **more: str) -> None:
    """Presses a button of the call by its word."""
    name = desk.t["call"][word]
    for key, value in more.items():
        name = name.replace("{{" + key + "}}", value)
    await desk.page.get_by_role("button", name=name, exact=True).click()


async def test_at_once_to_a_colleague(room: Room, street: Street, floor: Floor) -> None:
    ada, customer = await talking(room, street)
    ben = await at_work(room, BEN, voice=BEN_SAYS)
    await press(ada, "transfer")
    await picks(ada, "Ben")
    await press(ada, "transferNow")
    await customer.hears_no_more(MICROPHONE)
    await customer.hears_something()
    await ben.take(SHOWN)
    await customer.hears(BEN_SAYS)
    await hears(ben.page, CUSTOMER_SAYS)
    await has_hung_up(ada)
    await does_not_hear(ada.page, CUSTOMER_SAYS)
    ben_id = floor.users[BEN]["worker_id"]
    await floor.until("/calls?state=live", lambda page: [one["worker_id"] for one in page["items"]] == [ben_id])


async def test_after_asking_the_colleague(room: Room, street: Street) -> None:
    ada, customer = await talking(room, street)
    ben = await at_work(room, BEN, voice=BEN_SAYS)
    await press(ada, "transfer")
    await picks(ada, "Ben")
    await press(ada, "askFirst", name="Ben Okoro")
    await ben.take("Ada Lemoine")
    await hears(ada.page, BEN_SAYS)
    await hears(ben.page, MICROPHONE)
    await does_not_hear(ben.page, CUSTOMER_SAYS)
    await customer.hears_no_more(MICROPHONE)
    await press(ada, "handOver")
    await customer.hears(BEN_SAYS)
    await hears(ben.page, CUSTOMER_SAYS)
    await has_hung_up(ada)
    await does_not_hear(ada.page, CUSTOMER_SAYS)


async def test_all_three_and_back_to_two(room: Room, street: Street) -> None:
    ada, customer = await talking(room, street)
    ben = await at_work(room, BEN, voice=BEN_SAYS)
    await press(ada, "transfer")
    await picks(ada, "Ben")
    await press(ada, "askFirst", name="Ben Okoro")
    await ben.take("Ada Lemoine")
    await hears(ada.page, BEN_SAYS)
    await press(ada, "allThree")
    await customer.hears(BEN_SAYS)
    await customer.hears(MICROPHONE)
    await hears(ada.page, CUSTOMER_SAYS)
    await hears(ben.page, CUSTOMER_SAYS)
    await press(ada, "removeParty", name="Ben Okoro")
    await customer.hears_no_more(BEN_SAYS)
    await customer.hears(MICROPHONE)
    await has_hung_up(ben)


async def test_at_once_to_a_number_outside(room: Room, street: Street) -> None:
    ada, customer = await talking(room, street)
    await press(ada, "transfer")
    await picks(ada, "+33140000009")
    await press(ada, "transferNow")
    await street.carrier.answers()
    await customer.hears(OUTSIDE_SAYS)
    await street.carrier.hears(CUSTOMER_SAYS)
    await has_hung_up(ada)
    customer.hangs_up()
    await street.carrier.is_hung_up()
    # Handed on is done, as to a colleague: nothing of it is left in her hands.
    await expect(ada.mine).to_have_count(0)
